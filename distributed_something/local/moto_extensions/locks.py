"""moto's server answers each request in its own thread, but its models have no locks."""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager
from typing import Any


def one_at_a_time(function: Any, lock: AbstractContextManager[Any]) -> Any:
    """The function, run by one thread at a time."""

    @functools.wraps(function)
    def guarded(*arguments: Any, **named: Any) -> Any:
        with lock:
            return function(*arguments, **named)

    return guarded
