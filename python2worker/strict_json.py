# -*- coding: utf-8 -*-
"""JSON as all sides read it: what some reader would refuse, or change, is refused; see worker/strict_json.py."""

from __future__ import division, print_function, unicode_literals

import json
from collections import OrderedDict

_DEEPEST = 100
_LONGEST_NUMBER = 300


def loads(text):
    """Parse one document. Raises ValueError with the reason."""
    try:
        value = json.loads(
            text, object_pairs_hook=OrderedDict, parse_constant=_constant, parse_float=_float, parse_int=_int
        )
    except RuntimeError:  # the stack's end
        raise ValueError("JSON that is nested too deeply")
    level = _containers([value])
    for _ in range(_DEEPEST + 1):
        level = _containers(
            inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer)
        )
        if not level:
            return value
    raise ValueError("JSON that is nested too deeply")


def _containers(values):
    return [one for one in values if isinstance(one, (dict, list))]


def _constant(text):
    raise ValueError("{0}, which is no JSON value; write a number, or text in quotes".format(text))


def _float(text):
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _no_number(text)
    return _short(text, number)


def _int(text):
    return _short(text, int(text))


def _short(text, number):
    if len(text) > _LONGEST_NUMBER:
        raise _no_number(text)
    return number


def _no_number(text):
    return ValueError(
        "{0}, which is no number that every program could read; write it as text in quotes".format(text[:40])
    )
