"""Writes a job file: few groups inline, many groups in a separate table that is streamed."""

from __future__ import annotations

import csv
import json
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Iterable, Iterator, TextIO

from ...errors import UserError
from ..groups import Group
from ..table_file import is_plain_name

# More groups than this are easier to read and edit as a table.
MOST_INSIDE = 5000
# The longest cell; Python's csv reader accepts twice as many characters.
_LONGEST_CELL = 65_536


def write_job_file(
    path: Path, shared: dict[str, Any], groups: Iterable[Group], count: int, replace: bool
) -> list[Path]:
    """Write the job file, and its table if any. Returns the paths, the job file first.

    Each file is written whole or not at all. Raises UserError if one exists, unless ``replace``.
    """
    if count <= MOST_INSIDE:
        refuse_existing([path], replace)
        lines = ",\n".join(f"  {as_json(group)}" for group in groups)
        _write_document(path, shared, f"[\n{lines}\n ]")
        return [path]
    first = next(iter(groups))
    table = path.with_suffix(".csv" if _fits_table(first, groups) else ".jsonl")
    refuse_existing([path, table], replace)
    with _whole(table) as out:
        if table.suffix == ".csv":
            rows = csv.writer(out, lineterminator="\n")
            rows.writerow(first)
            rows.writerows(group.values() for group in groups)
        else:
            out.writelines(json.dumps(group) + "\n" for group in groups)
    _write_document(path, shared, as_json(table.name))
    return [path, table]


def write_matrix(path: Path, shared: dict[str, Any], matrix: dict[str, list[str]], replace: bool) -> Path:
    """Write a job file for all combinations of these values."""
    refuse_existing([path], replace)
    lists = ",\n".join(f"   {as_json(key)}: {as_json(values)}" for key, values in matrix.items())
    _write_document(path, shared, f'{{"matrix": {{\n{lists}\n }}}}')
    return path


def refuse_existing(paths: Iterable[Path], replace: bool) -> None:
    """Raise UserError for the first path that exists."""
    for path in paths:
        if path.exists() and not replace:
            raise UserError(
                f"{path} is there already; name another file with --save, or replace it with --force"
            )


def _fits_table(first: Group, groups: Iterable[Group]) -> bool:
    """Whether a table can hold them: all have the same keys and only plain text."""
    keys = list(first)
    if not all(is_plain_name(key) and _is_cell(key) for key in keys):
        return False
    return all(
        list(group) == keys and any(group.values()) and all(map(_is_cell, group.values())) for group in groups
    )


def _is_cell(value: object) -> bool:
    """Whether every program that reads tables would read the value unchanged."""
    return (
        isinstance(value, str)
        and value.isprintable()
        and value == value.strip()
        and len(value) <= _LONGEST_CELL
    )


def as_json(value: object) -> str:
    """As a person would write it; unpaired surrogates are escaped."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


def _write_document(path: Path, shared: dict[str, Any], groups: str) -> None:
    entries = [f" {as_json(key)}: {as_json(value)}" for key, value in shared.items()]
    with _whole(path) as out:
        out.write("{\n" + ",\n".join([*entries, f' "groups": {groups}']) + "\n}\n")


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    """A file that appears under its name only when complete."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8", newline="") as out:
            yield out
        os.replace(str(partial), str(path))
    except BaseException as error:
        with suppress(OSError):
            partial.unlink()
        if isinstance(error, OSError):
            raise UserError(f"{path}: cannot be written: {error.strerror}") from None
        raise
