"""What every command receives: settings, AWS, the console, and how run.py was called."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from ..aws.session import Aws
from ..config.settings import Settings
from ..terminal.console import Console

# The folder of the user's job, fleet and monitor files.
FILES = Path("files")


@dataclass(frozen=True)
class Context:
    """``invocation``: how run.py was called, without the command; used to print the next command.

    ``config``: the file the settings were read from.
    """

    settings: Settings
    aws: Aws
    console: Console
    invocation: str = "python run.py"
    files: Path = FILES
    config: Path | None = None

    def command(self, rest: str, *words: object) -> str:
        """The full line of another command, as the user would type it.

        ``words`` are appended in shell quotes: the user will paste a name that somebody else chose.
        """
        return " ".join([self.invocation, rest, *(shlex.quote(str(word)) for word in words)])
