"""Text that others wrote (job names, reasons, log lines) -> text that may be shown on a terminal. Pure.

A terminal obeys control characters: they can move the cursor over what was said before, set the window's
title, or type an answer. Here they are shown as they are written in Python: ESC becomes \\x1b.

https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, https://www.unicode.org/reports/tr9/ (2.1, 2.2)
"""

from __future__ import annotations

import re

# Control characters but tab and line feed; marks that reorder the letters of a line; halves of a character.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_BREAKS = re.compile(r"\s*[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]\s*")


def visible(text: str) -> str:
    """The text with everything visible that a terminal would obey; lines and tabs stay."""
    return _OBEYED.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def one_line(text: str) -> str:
    """On a single line, so that it cannot pass for a line of ours."""
    return _LINE_BREAKS.sub(" ", text)
