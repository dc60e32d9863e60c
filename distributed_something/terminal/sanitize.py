"""Makes text that others wrote (job names, reasons, log lines) safe to show on a terminal. Pure.

A terminal obeys control characters: they can overwrite earlier lines, set the window's title, or type an
answer. Here they are shown in Python's notation: ESC becomes \\x1b.

https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, https://www.unicode.org/reports/tr9/ (2.1, 2.2)
"""

from __future__ import annotations

import re

# Control characters except tab and line feed, marks that reorder text, unpaired surrogates.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_BREAKS = re.compile(r"\s*[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]\s*")


def visible(text: str) -> str:
    """The text with control characters made visible; line feeds and tabs stay."""
    return _OBEYED.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def one_line(text: str) -> str:
    """The text on a single line, so that it cannot pass for another line of output."""
    return _LINE_BREAKS.sub(" ", text)
