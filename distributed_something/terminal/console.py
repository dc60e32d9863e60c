"""Shows lines, warnings, and the progress of long work.

On a terminal, progress is a bar (with tqdm, if installed); in a log file it is an occasional plain line. Only
what a command was asked for goes to standard output, so that it can be piped; the rest goes to stderr.
Control characters are made visible, because names, reasons and log lines are written by others.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, TextIO

from ..errors import UserError
from .sanitize import visible

if TYPE_CHECKING:
    from tqdm import tqdm

# Seconds between plain lines of progress.
PLAIN_LINE_EVERY = 10.0


class Console:
    """The output of a command. Tests pass their own streams."""

    def __init__(
        self, out: TextIO | None = None, err: TextIO | None = None, stdin: TextIO | None = None
    ) -> None:
        self.out = out or sys.stdout
        self.err = err or sys.stderr
        self._stdin = stdin or sys.stdin

    def result(self, text: str) -> None:
        """Print what the command was asked for, to standard output."""
        _print(text, self.out)

    def say(self, text: str) -> None:
        """Print what the command is doing, to standard error."""
        _print(text, self.err)

    def warn(self, text: str) -> None:
        self.say("Note: " + text)

    def next_command(self, command: str) -> None:
        """Print the exact command that comes next."""
        self.say("Next:  " + command)

    def confirm(self, question: str, yes: bool = False) -> bool:
        """Ask the user; ``yes`` skips the question. Raises UserError without a terminal."""
        if yes:
            return True
        if not self._stdin.isatty():
            raise UserError(f"{question}: nobody can be asked here; add --yes")
        _print(f"{question} [y/N] ", self.err, end="")
        return self._stdin.readline().strip().lower() in ("y", "yes")

    def progress(self, total: int | None, what: str) -> Progress:
        """The progress of ``total`` steps (None: unknown), for a ``with`` statement."""
        return Progress(self.err, total, what)


def _print(text: str, stream: TextIO, end: str = "\n") -> None:
    """Characters that the stream's encoding lacks are escaped, too."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    shown = visible(text).encode(encoding, "backslashreplace").decode(encoding)
    print(shown, end=end, file=stream, flush=True)


class Progress:
    """The progress of long work; ``advance`` and ``reach`` are cheap and may be called often."""

    def __init__(self, stream: TextIO, total: int | None, what: str) -> None:
        self._stream = stream
        self._total = total
        self._what = what
        self._count = 0
        self._note = ""
        self._bar: tqdm[NoReturn] | None = None
        self._last_line = time.monotonic()

    def __enter__(self) -> Progress:
        if self._stream.isatty():
            self._bar = _tqdm(self._stream, self._total, self._what)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def advance(self, steps: int = 1) -> None:
        self.reach(self._count + steps, self._note)

    def reach(self, count: int, note: str = "") -> None:
        """Set the count, and a short remark shown after the bar."""
        step, self._count, self._note = count - self._count, count, note
        if self._bar is not None:
            self._bar.set_postfix_str(note, refresh=False)
            self._bar.update(step)
            return
        now = time.monotonic()
        finished = step > 0 and count == self._total
        if finished or now - self._last_line >= PLAIN_LINE_EVERY:
            self._last_line = now
            of_total = "" if self._total is None else f" of {self._total:,}"
            remark = f" ({note})" if note else ""
            print(f"{self._what}: {count:,}{of_total}{remark}", file=self._stream, flush=True)


def _tqdm(stream: TextIO, total: int | None, what: str) -> tqdm[NoReturn] | None:
    """tqdm's bar. None without tqdm: then a terminal gets plain lines, too."""
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm(total=total, desc=what, file=stream, dynamic_ncols=True, leave=True)
