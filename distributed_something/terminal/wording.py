"""Numbers with their nouns: "1 job", "2,000 jobs". Pure."""

from __future__ import annotations


def count(number: int, noun: str, plural: str = "") -> str:
    """The number and the noun that agrees with it; ``plural`` where an s is not enough."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
