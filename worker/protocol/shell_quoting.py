"""Finds the quoting of a placeholder in a shell script: bare, in quotes, or in a substitution of its own.

Whether a value stays one word depends on it. No shell parses a value in any case.

https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html (2.2 Quoting, 2.6.3)
"""

from __future__ import annotations

from typing import Iterator, Sequence

from worker.protocol.placeholders import TemplatePart

BARE, DOUBLE, SINGLE, BACKTICK = "", '"', "'", "`"
PARENTHESIS = "("
# A # behind one of these begins a comment.
_BEFORE_WORD = " \t\n;|&()"


class Quoting:
    """Reads a script part by part; ``here`` is the quoting at its end."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._escaped = False
        self._comment = False
        self._last = " "

    @property
    def here(self) -> str:
        """BARE, DOUBLE, SINGLE or BACKTICK; BACKTICK whatever else is open inside it."""
        if BACKTICK in self._open:
            return BACKTICK
        innermost = self.innermost
        return BARE if innermost == PARENTHESIS else innermost

    @property
    def innermost(self) -> str:
        """BARE, DOUBLE, SINGLE, BACKTICK or PARENTHESIS: what the next character stands in."""
        return self._open[-1] if self._open else BARE

    @property
    def escaped(self) -> bool:
        """Whether the next character stands behind a backslash."""
        return self._escaped

    @property
    def in_comment(self) -> bool:
        return self._comment

    def read(self, text: str) -> None:
        for character in text:
            self._read_one(character)
            self._last = character

    def pass_value(self) -> None:
        """A value stands here: it is a part of a word, whatever it is."""
        self._last, self._escaped = "", False

    def _read_one(self, character: str) -> None:
        innermost = self.innermost
        if self._comment:
            self._comment = character != "\n"
        elif self._escaped:
            self._escaped = False
        elif (
            character == "#"
            and self._last
            and self._last in _BEFORE_WORD
            and innermost in (BARE, PARENTHESIS)
        ):
            self._comment = True
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
            self._open.append(PARENTHESIS)
        elif character == ")" and innermost == PARENTHESIS:
            self._open.pop()


def with_quotes(parts: Sequence[TemplatePart]) -> Iterator[tuple[TemplatePart, str]]:
    """Each part of a shell's script with what it stands in."""
    quoting = Quoting()
    for part in parts:
        yield part, quoting.here
        if part.is_name:
            quoting.pass_value()
        else:
            quoting.read(part.text)
