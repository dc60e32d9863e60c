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


class NotYet(DistributedSomethingError):
    """AWS needs more time for this step: asked again later, it goes on."""


class Interrupted(DistributedSomethingError):
    """The user pressed Ctrl-C: says what stands and how to go on. Exit 130."""

    exit_code = 130
