"""Sets of job numbers as users write them: `1201-1210,1361-` is 1201 to 1210, and 1361 and later."""

from __future__ import annotations

import re
from typing import Iterable

from ..errors import UserError

_PART = re.compile(r"(\d{1,18})(-(\d{0,18}))?\Z")


class JobNumbers:
    """Ranges of job numbers, counted from 1; an end of None means no end."""

    def __init__(self, parts: Iterable[tuple[int, int | None]]) -> None:
        self.parts: list[tuple[int, int | None]] = sorted(parts, key=lambda part: part[0])

    @classmethod
    def parse(cls, text: str) -> JobNumbers:
        """Parse what the user wrote; a single number means this one and all later ones. Raises UserError."""
        pieces = text.replace(" ", "").split(",")
        parts: list[tuple[int, int | None]] = []
        for piece in pieces:
            found = _PART.match(piece)
            if not found or int(found.group(1)) < 1:
                raise UserError(f"--from {text}: write the number of the first job to send, for example 1201")
            first, dash, last = int(found.group(1)), found.group(2), found.group(3)
            if dash and last:
                parts.append((first, int(last)))
            elif dash or len(pieces) == 1:
                parts.append((first, None))
            else:
                parts.append((first, first))
        return cls(parts)

    def __contains__(self, number: int) -> bool:
        return any(first <= number and (last is None or number <= last) for first, last in self.parts)

    def count(self, total: int) -> int:
        """How many of the numbers from 1 to ``total`` are included."""
        if len(self.parts) == 1:
            first, last = self.parts[0]
            return max(0, min(total, total if last is None else last) - first + 1)
        return sum(1 for number in range(1, total + 1) if number in self)

    def __str__(self) -> str:
        if len(self.parts) == 1 and self.parts[0][1] is None:
            return str(self.parts[0][0])
        alone = len(self.parts) == 1  # a single number alone would read as "and all that follow"
        return ",".join(
            str(first) if first == last and not alone else f"{first}-{'' if last is None else last}"
            for first, last in self.parts
        )


def from_numbers(numbers: Iterable[int], onwards: int | None) -> JobNumbers:
    """The ranges of these numbers and of all from ``onwards`` on (None: none)."""
    parts: list[tuple[int, int | None]] = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1] = (parts[-1][0], number)
        else:
            parts.append((number, number))
    if onwards is not None:
        if parts and parts[-1][1] == onwards - 1:
            parts[-1] = (parts[-1][0], None)
        else:
            parts.append((onwards, None))
    return JobNumbers(parts)
