"""What can go wrong, as one small tree of exceptions.

The library raises these; only cli.py turns one into a line on the terminal and an exit code.
"""

from __future__ import annotations


class DistributedSomethingError(Exception):
    """The root: its text is a sentence for the person at the terminal."""

    exit_code = 1


class UserError(DistributedSomethingError):
    """Something the user wrote or typed is wrong: says what, where, and what to do. Exit 2."""

    exit_code = 2


class AwsRefusal(DistributedSomethingError):
    """AWS said no, or could not be reached. Exit 1."""


class JobsFailed(DistributedSomethingError):
    """The run has ended, and jobs failed or left nothing. Exit 3."""

    exit_code = 3


class NotYet(DistributedSomethingError):
    """AWS needs more time for this step: asked again later, it goes on."""


class Interrupted(DistributedSomethingError):
    """Ctrl-C, a closed terminal or SIGTERM: says what stands and how to go on. Exit 128 + the signal."""

    exit_code = 130


class Defect(DistributedSomethingError):
    """A mistake in the toolkit itself. Exit 70 (EX_SOFTWARE of sysexits.h)."""

    exit_code = 70
