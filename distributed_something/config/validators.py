"""Validators for the variables of config.py, one small function for each kind of value.

Each takes what the user wrote and returns the clean value, or raises ValueError with the end of a sentence
that begins with the variable: "MEMORY = 'x' " + "must be a whole number; write ...".
"""

from __future__ import annotations

import re
from typing import Any, Callable

from worker.protocol import command_checks, placeholders, upload_flags

Validator = Callable[[object], Any]

# Instance types as EC2 writes them: m5.xlarge, u-6tb1.56xlarge, c7gn.metal-48xl.
_MACHINE_TYPE = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+\Z")


def text(pattern: str, rule: str, empty: bool = False) -> Callable[[object], str]:
    """Text that matches all of ``pattern``; ``rule`` describes the pattern in words."""
    compiled = re.compile(pattern)

    def convert(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"is no text; put it in quotes: {rule}")
        if (value or not empty) and not compiled.fullmatch(value):
            raise ValueError("is empty: " + rule if not value else f"is not allowed: {rule}")
        refuse_half(value)
        return value

    return convert


def refuse_half(value: str) -> None:
    """Refuse an unpaired surrogate: Python accepts it, but no file or message can hold it."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("holds half a character, which nothing else could read; write it whole") from None


def any_text(value: object) -> str:
    """Any text on one line."""
    return text(r"[^\x00-\x1f\x7f]*", "one line of text", empty=True)(value)


def whole(least: int, most: int, unit: str) -> Callable[[object], int]:
    """A whole number from ``least`` to ``most``; '30' in quotes counts as 30."""

    def convert(value: object) -> int:
        try:
            number = int(value) if isinstance(value, str) else value
        except ValueError:
            number = None
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        if isinstance(number, bool) or not isinstance(number, int):
            raise ValueError(f"is no whole number; write {unit} from {least:,} to {most:,}")
        if not least <= number <= most:
            raise ValueError(f"is out of range; write {unit} from {least:,} to {most:,}")
        return number

    return convert


def dollars(value: Any) -> float:
    """A price above 0 in dollars per hour; '0.20' in quotes counts as 0.20."""
    try:
        price = float(value)
    except OverflowError:
        price = float("inf")
    except (TypeError, ValueError):
        raise ValueError("is no price; write dollars an hour, for example 0.20") from None
    if isinstance(value, bool) or not 0 < price <= 1000:
        raise ValueError("is out of range; write dollars an hour above 0 and up to 1000")
    return price


def boolean(value: object) -> bool:
    """True or False, or 'True' or 'False' as in the classic toolkit."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ValueError("is neither 'True' nor 'False'; write one of these two")


def machine_types(value: object) -> tuple[str, ...]:
    """A list of EC2 instance types; a single text counts as a list of one."""
    types = (value,) if isinstance(value, str) else value
    if not isinstance(types, (list, tuple)) or not types:
        raise ValueError("is no list of instance types; write for example ['m5.xlarge']")
    for one in types:
        if not isinstance(one, str) or not _MACHINE_TYPE.match(one):
            raise ValueError(f"holds {one!r}, which is no instance type; write for example m5.xlarge")
    return tuple(dict.fromkeys(types))


def command(value: object) -> str:
    """The tool's command line, with placeholders; '' if the image's tool.py provides it.

    A shell script in it may have several lines.
    """
    line = text(r"[^\0]*", "a command line", empty=True)(value).strip()
    if line:
        command_checks.check_command(line)
    return line


def template(value: object) -> str:
    """Text with placeholders."""
    line = any_text(value)
    placeholders.names(line)
    return line


def templates(value: object) -> tuple[str, ...]:
    """A text with placeholders, or a list of them; '' means none."""
    lines = [value] if isinstance(value, str) else value
    if not isinstance(lines, (list, tuple)):
        raise ValueError("is neither text nor a list of texts")
    return tuple(line for line in map(template, lines) if line)


def flags(value: object) -> str:
    """Flags of `aws s3 cp` for the upload."""
    line = any_text(value)
    upload_flags.extra_args(line)
    return line
