"""Ctrl-C as a fact to look at, where an exception could strike between two steps that belong together."""

from __future__ import annotations

import signal
from types import TracebackType
from typing import Any


class DeferredInterrupt:
    """In this ``with`` block the first Ctrl-C only sets ``pressed``; a second one interrupts as usual."""

    def __init__(self) -> None:
        self.pressed = False
        self._before: Any = None

    def __enter__(self) -> DeferredInterrupt:
        try:
            self._before = signal.signal(signal.SIGINT, self._press)
        except ValueError:
            self._before = None  # not the main thread: Ctrl-C never comes here
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _press(self, number: int, frame: Any) -> None:
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True
