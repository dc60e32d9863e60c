"""Reads the user's JSON files, and reports mistakes with file, line and column."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from worker.protocol import strict_json

from .errors import UserError


def load_json(path: Path, what: str) -> Any:
    """The content of the file; ``what``: its kind, for messages ("job file"). Raises UserError."""
    try:
        data = path.read_bytes()
        text = data.decode(json.detect_encoding(data))  # UTF-8, or UTF-16 as Notepad may save it
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        raise UserError(f"{path}, line {line}: is not in UTF-8; save the {what} in UTF-8") from None
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such {what}") from None
    except OSError as error:
        raise UserError(f"{path}: the {what} cannot be read: {error}") from None
    return parse_json(text, str(path))


def parse_json(text: str, where: str, is_line: bool = False) -> Any:
    """Parse one document; ``where`` begins the messages; ``is_line``: it names the line. Raises UserError.

    A key that appears twice in one object is refused, since JSON would silently keep only the last one.
    Comments may repeat.
    """

    def pairs(entries: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in entries:
            if key in found and "_comment" not in key:
                raise UserError(f"{where}: the key {key!r} stands twice in one object; remove one")
            found[key] = value
        return found

    try:
        return strict_json.loads(text, pairs)
    except json.JSONDecodeError as error:
        line = "" if is_line else f", line {error.lineno}"
        raise UserError(f"{where}{line}, column {error.colno}: this is no JSON: {error.msg}") from None
    except strict_json.NotJson as error:
        raise UserError(f"{where}: holds {error}") from None
