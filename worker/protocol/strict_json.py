"""JSON that every parser reads alike: anything that some parser would refuse or change is refused. Pure.

Python alone accepts NaN and Infinity, turns 1e999 into infinity, and nests as deeply as its stack allows.
https://www.rfc-editor.org/rfc/rfc8259 (6. Numbers, 9. Parsers)
"""

from __future__ import annotations

import json
import math
from typing import Any, Callable, NoReturn

# The deepest nesting; real documents are far below it.
DEEPEST = 100
_LONGEST_NUMBER = 300


class NotJson(ValueError):
    """Text that is not JSON for every parser; the message begins with what it is."""


def loads(text: str, pairs: Callable[[list[tuple[str, Any]]], dict[str, Any]] = dict) -> Any:
    """Parse one document; ``pairs`` builds each object. Raises json.JSONDecodeError or NotJson."""
    try:
        value = json.loads(
            text, object_pairs_hook=pairs, parse_constant=_constant, parse_float=_float, parse_int=_int
        )
    except RecursionError:
        raise NotJson("JSON that is nested too deeply") from None
    if is_deep(value):
        raise NotJson("JSON that is nested too deeply")
    return value


def is_deep(value: object, deepest: int = DEEPEST) -> bool:
    """Whether lists and objects are nested more deeply than ``deepest``."""
    level = [value]
    for _ in range(deepest + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _constant(text: str) -> NoReturn:
    raise NotJson(f"{text}, which is no JSON value; write a number, or text in quotes")


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number) or len(text) > _LONGEST_NUMBER:
        raise _no_number(text)
    return number


def _int(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise _no_number(text)
    return int(text)


def _no_number(text: str) -> NotJson:
    shown = text if len(text) <= 40 else text[:40] + "..."
    return NotJson(f"{shown}, which is no number that every program could read; write it as text in quotes")
