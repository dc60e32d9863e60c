"""Handles Ctrl-C and the other signals that ask a command to end: a closed terminal, a plain kill.

All are treated alike, since nothing is lost on any of them. Where an exception between two steps would do
harm, the signal only sets a flag.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Callable

# Windows has no SIGHUP.
_NUMBERS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def treat_all_alike() -> None:
    """Make each of them raise KeyboardInterrupt; a signal ignored by `nohup` stays ignored."""
    for number in _NUMBERS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _Interrupt())


class _Interrupt:
    """A signal handler that remembers: an exception raised while Python frees an object is lost.

    (urllib3's responses are such objects: io.IOBase swallows what their close() raises.)
    """

    def __init__(self) -> None:
        self.struck = False
        self.received = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.struck = self.received = True
        raise KeyboardInterrupt


def raise_what_was_lost() -> None:
    """Raise KeyboardInterrupt again if an earlier one was lost; long waits call this."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in _NUMBERS:
        handler = signal.getsignal(number)
        if isinstance(handler, _Interrupt) and handler.struck:
            handler.struck = False
            raise KeyboardInterrupt


def interrupt_exit_code() -> int:
    """128 + the signal that was received, as shells report it; that of Ctrl-C where none was."""
    for number in _NUMBERS:
        handler = signal.getsignal(number)
        if isinstance(handler, _Interrupt) and handler.received:
            return 128 + int(number)
    return 128 + signal.SIGINT


class DeferredInterrupt:
    """In this ``with`` block the first signal only sets ``pressed``; a second one interrupts as usual."""

    def __init__(self) -> None:
        self.pressed = False
        self._before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

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

    def _press(self, number: int, frame: FrameType | None) -> None:
        before = self._before.get(number)
        if isinstance(before, _Interrupt):
            before.received = True
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True
