"""Repeats a part of the rehearsal in the background until it is stopped."""

from __future__ import annotations

import threading
from typing import Callable


class BackgroundLoop:
    """Calls ``look`` in its own thread; ``look`` returns the seconds until the next call."""

    def __init__(self, name: str, look: Callable[[], float], first: float) -> None:
        """``first``: seconds until the first call."""
        self._look = look
        self._first = first
        self._stopped = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def look_now(self) -> None:
        """Call ``look`` now, because something has changed."""
        self._wake.set()

    def stop(self) -> None:
        """Wait for the current call to finish, and make no more."""
        self._stopped = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _follow(self) -> None:
        pause = self._first
        while True:
            self._wake.wait(pause)
            self._wake.clear()
            if self._stopped:
                return
            pause = self._look()
