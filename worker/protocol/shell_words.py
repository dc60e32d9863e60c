"""A line split into words as shlex.split() does, with how each character was quoted.

What stands in quotes is literal text, and the same character without them would be an operator of a shell.
"""

from __future__ import annotations

from typing import NamedTuple

from worker.protocol.placeholders import PlaceholderError
from worker.protocol.shell_quoting import BARE, DOUBLE, SINGLE

_WHITESPACE = " \t\r\n"
_ESCAPE = "\\"
# How a character of a word was quoted; in single quotes and behind a backslash a shell changes nothing.
_MARKS = {BARE: " ", DOUBLE: DOUBLE, SINGLE: SINGLE}


class Word(NamedTuple):
    """``quotes`` has a character for each of ``text``: ' ' (none), '"' or "'" (literal)."""

    text: str
    quotes: str

    def where(self, quotes: str) -> str:
        """The text, with NUL in place of each character that was quoted in another way."""
        return "".join(c if quote in quotes else "\0" for c, quote in zip(self.text, self.quotes))


def split_words(line: str) -> list[Word]:
    """Raises PlaceholderError for a quote without its partner."""
    splitter = _Splitter()
    for character in line:
        splitter.read(character)
    return splitter.finish()


class _Splitter:
    def __init__(self) -> None:
        self._words: list[Word] = []
        self._text, self._quotes = "", ""
        self._in_word = self._escaped = False
        self._quote = BARE

    def read(self, character: str) -> None:
        if self._escaped:
            self._escaped = False
            if self._quote == DOUBLE and character not in (DOUBLE, _ESCAPE):
                self._add(_ESCAPE, SINGLE)
            self._add(character, SINGLE)
        elif character == _ESCAPE and self._quote != SINGLE:
            self._escaped = self._in_word = True
        elif self._quote:
            if character == self._quote:
                self._quote = BARE
            else:
                self._add(character, self._quote)
        elif character in (SINGLE, DOUBLE):
            self._quote, self._in_word = character, True
        elif character in _WHITESPACE:
            self._end_word()
        else:
            self._add(character, BARE)

    def finish(self) -> list[Word]:
        if self._escaped:
            raise PlaceholderError("ends with a backslash; leave it out, or write two")
        if self._quote:
            raise PlaceholderError(f"has a quote ({self._quote}) that is never closed; close it")
        self._end_word()
        return self._words

    def _add(self, character: str, quote: str) -> None:
        self._text += character
        self._quotes += _MARKS[quote]
        self._in_word = True

    def _end_word(self) -> None:
        if self._in_word:
            self._words.append(Word(self._text, self._quotes))
        self._text, self._quotes, self._in_word = "", "", False
