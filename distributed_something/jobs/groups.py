"""The sources of a job file's groups: a list, a table, a file of JSON lines, or a matrix.

Each source can be iterated repeatedly and yields (place, group). Tables, lines and
matrices are streamed: memory does not grow with their length.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Tuple

from ..errors import UserError
from ..json_file import parse_json
from .table_file import SEPARATORS, table_rows
from .text_file import text_of

Group = Dict[str, Any]
Located = Tuple[str, Group]
Source = Callable[[], Iterator[Located]]

_SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers")
_FORMS = (
    'a list of objects, the name of a .csv, .tsv or .jsonl file, or {"matrix": {"Plate": [...], '
    '"Well": [...]}}'
)


def group_source(groups: object, job_file: Path) -> Source:
    """The source described by a job file's ``groups``. Raises UserError if it is not valid."""
    if isinstance(groups, list):
        if not groups:
            raise UserError(f"{job_file}: groups is an empty list; there is nothing to do")
        return lambda: _from_list(groups, str(job_file))
    if isinstance(groups, str):
        return table_source(job_file.parent / groups, f"{job_file}: groups names {groups!r}")
    if isinstance(groups, dict) and set(groups) == {"matrix"}:
        matrix = _checked_matrix(groups["matrix"], str(job_file))
        return lambda: _from_matrix(matrix, str(job_file))
    raise UserError(f"{job_file}: groups must be {_FORMS}")


def table_source(path: Path, where: str) -> Source:
    """The rows of a table or of JSON lines; ``where``: how a message about another kind begins.

    Raises UserError for such a file.
    """
    kind = path.suffix.lower()
    if kind in SEPARATORS:
        return lambda: table_rows(path)
    if kind == ".jsonl":
        return lambda: _from_lines(path)
    if kind in _SPREADSHEETS:
        raise UserError(
            f"{where}, which is a spreadsheet; save it as CSV (in Excel: 'CSV UTF-8') and name that file"
        )
    raise UserError(f"{where}; it must end in .csv, .tsv or .jsonl")


def _from_list(groups: list[object], name: str) -> Iterator[Located]:
    for number, group in enumerate(groups, 1):
        where = f"{name}, group {number}"
        yield where, _checked(group, where)


def _from_lines(path: Path) -> Iterator[Located]:
    with text_of(path) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                where = f"{path}, line {number}"
                yield where, _checked(parse_json(line.strip(), where, is_line=True), where)


def _from_matrix(matrix: dict[str, list[Any]], name: str) -> Iterator[Located]:
    keys = list(matrix)
    for number, values in enumerate(itertools.product(*matrix.values()), 1):
        yield f"{name}, combination {number}", dict(zip(keys, values))


def _checked_matrix(matrix: object, name: str) -> dict[str, list[Any]]:
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


def _checked(group: object, where: str) -> Group:
    if not isinstance(group, dict):
        raise UserError(f"{where}: is no object; write {{...}} with the job's keys")
    kept = {key: value for key, value in group.items() if "_comment" not in key}
    if not kept:
        raise UserError(f"{where}: is empty; a job needs at least one key")
    return kept
