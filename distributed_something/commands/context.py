"""What every command is given: settings, the way to AWS, the console, and how it was called."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from ..aws.session import Aws
from ..config.settings import Settings
from ..terminal.console import Console

# Where the user's job, fleet and monitor files are.
FILES = Path("files")


@dataclass(frozen=True)
class Context:
    """``invocation``: how run.py was called, up to the command, so that the next command can be printed.

    ``config``: the file that the settings were read from.
    """

    settings: Settings
    aws: Aws
    console: Console
    invocation: str = "python run.py"
    files: Path = FILES
    config: Path | None = None

    def command(self, rest: str, *words: object) -> str:
        """The full line of another command, as the user would type it.

        ``words`` follow it, quoted: a name that others chose is copied into a shell, and must stay a name.
        """
        return " ".join([self.invocation, rest, *(shlex.quote(str(word)) for word in words)])
