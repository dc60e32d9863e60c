"""The exceptions of the library, as one small tree.

The library raises them; only cli.py turns them into a line on the terminal and an exit code.
"""

from __future__ import annotations


class DistributedSomethingError(Exception):
    """The base class; its text is a message for the user."""

    exit_code = 1


class UserError(DistributedSomethingError):
    """A mistake in the user's input: what is wrong, where, and what to do. Exit 2."""

    exit_code = 2


class AwsRefusal(DistributedSomethingError):
    """AWS refused a call, or could not be reached. Exit 1."""


class JobsFailed(DistributedSomethingError):
    """The run has ended, and jobs failed or left nothing. Exit 3."""

    exit_code = 3


class NotYet(DistributedSomethingError):
    """AWS needs more time for this step; try again later."""


class Interrupted(DistributedSomethingError):
    """The user pressed Ctrl-C: what is still running, and how to go on. Exit 130."""

    exit_code = 130


class Defect(DistributedSomethingError):
    """A mistake in the toolkit itself. Exit 70 (EX_SOFTWARE of sysexits.h)."""

    exit_code = 70
