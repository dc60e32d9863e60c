# -*- coding: utf-8 -*-
"""Bytes of a tool's output as text that can be written again."""

from __future__ import division, print_function, unicode_literals

import re
import sys

# Python 2 takes halves of characters (surrogates) for UTF-8, and then writes what nobody else reads. Where it
# keeps large characters as two halves, only the single ones are wrong.
HALVES = re.compile(
    "[\ud800-\udfff]"
    if sys.maxunicode > 0xFFFF
    else "[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]"
)


def decoded(data):
    """The text; what is no UTF-8 is replaced."""
    return HALVES.sub("\ufffd", data.decode("utf-8", "replace"))
