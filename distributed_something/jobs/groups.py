"""Where the groups of a job file come from: a list, a table, a file of JSON lines, or a matrix.

Each source can be walked again and again, and yields (where it stands, the group). Tables, lines and
matrices are streamed: memory does not grow with their length.
"""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Tuple

from ..errors import UserError
from ..json_file import parse_json

Group = Dict[str, Any]
Located = Tuple[str, Group]
Source = Callable[[], Iterator[Located]]

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_FORMS = (
    'a list of objects, the name of a .csv, .tsv or .jsonl file, or {"matrix": {"Plate": [...], '
    '"Well": [...]}}'
)


def group_source(groups: Any, job_file: Path) -> Source:
    """The source that a job file's ``groups`` describes. Raises UserError for what is none."""
    if isinstance(groups, list):
        if not groups:
            raise UserError(f"{job_file}: groups is an empty list; there is nothing to do")
        return lambda: _from_list(groups, str(job_file))
    if isinstance(groups, str):
        table = job_file.parent / groups
        if table.suffix in _DELIMITERS:
            return lambda: _from_table(table, _DELIMITERS[table.suffix])
        if table.suffix == ".jsonl":
            return lambda: _from_lines(table)
        raise UserError(f"{job_file}: groups names {groups!r}; it must end in .csv, .tsv or .jsonl")
    if isinstance(groups, dict) and set(groups) == {"matrix"}:
        matrix = _checked_matrix(groups["matrix"], str(job_file))
        return lambda: _from_matrix(matrix, str(job_file))
    raise UserError(f"{job_file}: groups must be {_FORMS}")


def _from_list(groups: list[Any], name: str) -> Iterator[Located]:
    for number, group in enumerate(groups, 1):
        where = f"{name}, group {number}"
        yield where, _checked(group, where)


def _from_table(path: Path, delimiter: str) -> Iterator[Located]:
    with _opened(path) as lines:
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            header = [name.strip() for name in next(rows, [])]
            _check_header(header, path)
            for row in rows:
                if not row:
                    continue  # a blank line
                where = f"{path}, line {rows.line_num}"
                if len(row) != len(header):
                    raise UserError(
                        f"{where}: {_cells(len(row))}, but the header has {len(header)} "
                        f"({', '.join(header)}); complete the row"
                    )
                yield where, dict(zip(header, row))
        except csv.Error as error:
            raise UserError(f"{path}, line {rows.line_num}: {error}") from None
        except UnicodeDecodeError as error:
            raise UserError(f"{path}: is not written in UTF-8: {error}") from None


def _check_header(header: list[str], path: Path) -> None:
    if not header:
        raise UserError(f"{path}: is empty; its first line must name the columns")
    if not all(header):
        raise UserError(f"{path}, line 1: a column has no name")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise UserError(f"{path}, line 1: the column {twice[0]!r} stands twice")


def _cells(count: int) -> str:
    return "has 1 cell" if count == 1 else f"has {count} cells"


def _from_lines(path: Path) -> Iterator[Located]:
    with _opened(path) as lines:
        try:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    where = f"{path}, line {number}"
                    yield where, _checked(parse_json(line.strip(), where, is_line=True), where)
        except UnicodeDecodeError as error:
            raise UserError(f"{path}: is not written in UTF-8: {error}") from None


def _from_matrix(matrix: dict[str, list[Any]], name: str) -> Iterator[Located]:
    keys = list(matrix)
    for number, values in enumerate(itertools.product(*matrix.values()), 1):
        yield f"{name}, combination {number}", dict(zip(keys, values))


def _checked_matrix(matrix: Any, name: str) -> dict[str, list[Any]]:
    """The matrix without its comments. Raises UserError."""
    if not isinstance(matrix, dict) or not matrix:
        raise UserError(f'{name}: matrix must be an object of lists, {{"Plate": [...], ...}}')
    kept = {key: values for key, values in matrix.items() if "_comment" not in key}
    for key, values in kept.items():
        if not isinstance(values, list) or not values:
            raise UserError(f"{name}: matrix.{key} must be a list with at least one value")
    if not kept:
        raise UserError(f"{name}: matrix holds nothing but comments; write what is to be combined")
    return kept


def _checked(group: Any, where: str) -> Group:
    if not isinstance(group, dict):
        raise UserError(f"{where}: is no object; write {{...}} with the job's keys")
    kept = {key: value for key, value in group.items() if "_comment" not in key}
    if not kept:
        raise UserError(f"{where}: is empty; a job needs at least one key")
    return kept


def _opened(path: Path) -> Any:
    """The text file, read in UTF-8 with or without a byte order mark, as spreadsheets write it."""
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        told = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"{path}: cannot be read: {told}") from None
