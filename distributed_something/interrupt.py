"""Ctrl-C, and what else asks a command to end: a closed terminal, a polite kill.

Nothing is lost on any of them, so all are treated alike; and where an exception could strike between two
steps that belong together, they become a fact to look at.
"""

from __future__ import annotations

import signal
from types import TracebackType
from typing import Any

# Windows has no SIGHUP.
_NUMBERS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def treat_all_alike() -> None:
    """From now on each of them raises KeyboardInterrupt; what `nohup` ignores stays ignored."""

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    for number in _NUMBERS:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, interrupt)


class DeferredInterrupt:
    """In this ``with`` block the first of them only sets ``pressed``; a second one interrupts as usual."""

    def __init__(self) -> None:
        self.pressed = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> DeferredInterrupt:
        try:
            for number in _NUMBERS:
                if signal.getsignal(number) != signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._press)
        except ValueError:
            self._before = {}  # not the main thread: signals never come here
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _press(self, number: int, frame: Any) -> None:
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True
