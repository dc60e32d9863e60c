"""Parses wells and numbers as users write them: `A01-H12` is part of a plate, `1-9` are numbers. Pure."""

from __future__ import annotations

import re

from ...errors import UserError

_WELL = re.compile(r"([A-Za-z]|[Aa][A-Fa-f])(\d{1,2})\Z")
_NUMBER = re.compile(r"([A-Za-z_]*)(\d{1,9})\Z")
# The wells of whole plates, by the number of wells.
_WHOLE = {"96": "A01-H12", "384": "A01-P24", "1536": "A01-AF48"}
_LAST_COLUMN = 48
# The longest range; a longer one is most likely a typing error.
_MOST = 1_000_000


def wells(text: str) -> list[str]:
    """The wells of `96`, `384`, `1536`, or of a list of wells and ranges, row by row. Raises UserError.

    Columns have as many digits as the first of a range: A1-H12 makes A1, A01-H12 makes A01.
    """
    found: list[str] = []
    for part in _parts(_WHOLE.get(text.strip(), text), "--wells", text):
        first, dash, last = part.partition("-")
        top, left, digits = _well(first, text)
        bottom, right, _ = _well(last, text) if dash else (top, left, digits)
        if bottom < top or right < left:
            raise UserError(
                f"--wells {text}: {part} runs backwards; write the upper left well first, for example A01-H12"
            )
        found += [
            f"{_row_name(row)}{column:0{digits}}"
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        ]
    return list(dict.fromkeys(found))


def numbers(text: str, option: str) -> list[str]:
    """The numbers of a list of numbers and ranges; `01-09` keeps its zeros, `s1-s9` its letters.

    Raises UserError naming the ``option``.
    """
    found: list[str] = []
    for part in _parts(text, option, text):
        first, dash, last = part.partition("-")
        beginning, ending = _NUMBER.match(first), _NUMBER.match(last if dash else first)
        if not beginning or not ending or ending.group(1) not in ("", beginning.group(1)):
            raise UserError(f"{option} {text}: {part!r} is no number and no range; write for example 1-9,12")
        letters, least, most = beginning.group(1), int(beginning.group(2)), int(ending.group(2))
        if not 0 <= most - least < _MOST:
            raise UserError(f"{option} {text}: {part} runs backwards, or too far")
        digits = len(beginning.group(2))
        found += [f"{letters}{number:0{digits}}" for number in range(least, most + 1)]
    return list(dict.fromkeys(found))


def well_names(text: str, option: str) -> list[str]:
    """The names in a comma-separated list, unchanged."""
    return list(dict.fromkeys(_parts(text, option, text)))


def _parts(listed: str, option: str, text: str) -> list[str]:
    parts = [part.strip() for part in listed.split(",")]
    if not all(parts):
        raise UserError(f"{option} {text!r}: something is empty there; write a list with commas in between")
    return parts


def _well(text: str, whole: str) -> tuple[int, int, int]:
    """(row from 0, column from 1, digits of the column)."""
    found = _WELL.match(text.strip())
    if not found or not 1 <= int(found.group(2)) <= _LAST_COLUMN:
        raise UserError(
            f"--wells {whole}: {text.strip()!r} is no well; write for example A01-H12, or 96 or 384 for a "
            "whole plate (rows A to Z and AA to AF, columns 1 to 48)"
        )
    row = 0
    for letter in found.group(1).upper():
        row = row * 26 + ord(letter) - ord("A") + 1
    return row - 1, int(found.group(2)), len(found.group(2))


def _row_name(row: int) -> str:
    return chr(ord("A") + row) if row < 26 else "A" + chr(ord("A") + row - 26)
