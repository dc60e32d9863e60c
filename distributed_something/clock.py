"""The time, as an object that is passed in, so that tests never wait."""

from __future__ import annotations

import time
from typing import Callable


class Clock:
    """The real time, in seconds since 1970 (UTC), as floats.

    ``after_sleep`` is called after each sleep, and may raise what interrupted it.
    """

    def __init__(self, after_sleep: Callable[[], None] = lambda: None) -> None:
        self._after_sleep = after_sleep

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
        self._after_sleep()
