"""The time, as an object that is passed in, so that tests never wait."""

from __future__ import annotations

import time

from .interrupt import raise_what_was_lost


class Clock:
    """The real one. Seconds since 1970 (UTC), as floats."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
        raise_what_was_lost()
