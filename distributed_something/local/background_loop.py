"""What a part of the rehearsal does again and again in the background, until it is stopped."""

from __future__ import annotations

import threading
from typing import Callable


class BackgroundLoop:
    """Calls ``look`` in a thread of its own; it returns the seconds until the next look."""

    def __init__(self, name: str, look: Callable[[], float], first: float) -> None:
        """``first``: the seconds until the first look."""
        self._look = look
        self._first = first
        self._stopped = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def look_now(self) -> None:
        """Something has changed: the next look need not wait."""
        self._wake.set()

    def stop(self) -> None:
        """Wait for the look that is under way; there is none after it."""
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
