"""Finds the quoting of a placeholder in a shell script: bare, in quotes, or in a substitution of its own.

Whether a value stays one word depends on it. No shell parses a value in any case.

https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html (2.2 Quoting, 2.6.3)
"""

from __future__ import annotations

from typing import Iterator, Sequence

from worker.protocol.placeholders import TemplatePart

BARE, DOUBLE, SINGLE, BACKTICK = "", '"', "'", "`"
_PARENTHESIS = "("


class Quoting:
    """Reads a script part by part; ``here`` is the quoting at its end."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._escaped = False
        self._last = ""

    @property
    def here(self) -> str:
        """BARE, DOUBLE, SINGLE or BACKTICK; BACKTICK whatever else is open inside it."""
        if BACKTICK in self._open:
            return BACKTICK
        innermost = self._innermost
        return BARE if innermost == _PARENTHESIS else innermost

    @property
    def _innermost(self) -> str:
        return self._open[-1] if self._open else BARE

    def read(self, text: str) -> None:
        for character in text:
            self._read_one(character)
            self._last = character

    def _read_one(self, character: str) -> None:
        innermost = self._innermost
        if self._escaped:
            self._escaped = False
        elif innermost == SINGLE:
            if character == SINGLE:
                self._open.pop()
        elif character == "\\":
            self._escaped = True
        elif character == BACKTICK:
            if BACKTICK in self._open:
                del self._open[self._open.index(BACKTICK) :]
            else:
                self._open.append(BACKTICK)
        elif character == DOUBLE and innermost == DOUBLE:
            self._open.pop()
        elif character == DOUBLE or (character == SINGLE and innermost != DOUBLE):
            self._open.append(character)
        elif character == "(" and (innermost != DOUBLE or self._last == "$"):
            self._open.append(_PARENTHESIS)
        elif character == ")" and innermost == _PARENTHESIS:
            self._open.pop()


def with_quotes(parts: Sequence[TemplatePart]) -> Iterator[tuple[TemplatePart, str]]:
    """Each part of a shell's script with what it stands in."""
    quoting = Quoting()
    for part in parts:
        yield part, quoting.here
        if not part.is_name:
            quoting.read(part.text)
