"""Reads a table written by a spreadsheet or a program, as rows of {column: text}.

The separator is detected from the header and the rows. A table that can be read in several ways is refused,
with the line and the fix. Cells stay text, exactly as written (1,5 and 007 too). Rows are streamed.


https://www.rfc-editor.org/rfc/rfc4180
"""

from __future__ import annotations

import csv
import re
from itertools import chain
from pathlib import Path
from typing import Iterable, Iterator, Sequence

from ..errors import UserError
from .text_file import text_of

# The separator if the header does not decide it, by the file's suffix.
SEPARATORS = {".csv": ",", ".tsv": "\t"}
_SEPARATORS = (",", ";", "\t", "|")
_SHOWN = {"\t": "a tab"}
# The characters examined to detect the separator.
_SAMPLE = 1 << 16
# Excel's notation for the separator: a first line "sep=;".
_SEP_LINE = re.compile(r'"?sep=([^"\r\n])"?[,;\s]*', re.IGNORECASE)


def table_rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """(place, {column: cell}) for each row that is not blank.

    Spaces around a cell are dropped unless it is quoted. Raises UserError for a mistake, and for a table
    without rows.
    """
    with text_of(path) as lines:
        sample = lines.readlines(_SAMPLE)
        named = _SEP_LINE.fullmatch(sample[0]) if sample else None
        separator = named.group(1) if named else _separator(path, sample)
        above = 1 if named else 0
        yield from _rows(path, chain(sample[above:], lines), separator, above)


def is_plain_name(name: str) -> bool:
    """Whether a column of this name is read back unchanged."""
    return (
        bool(name)
        and name == _name(name)
        and not name.lower().startswith("sep=")
        and not set('"\r\n').union(_SEPARATORS).intersection(name)
        and not _reserved(name)
    )


def _rows(
    path: Path, lines: Iterable[str], separator: str, above: int
) -> Iterator[tuple[str, dict[str, str]]]:
    """``above``: how many lines of the file come before these."""
    raw: list[str] = []  # the lines of the row that is being read
    rows = csv.reader(_noted(lines, raw), delimiter=separator, strict=True)
    names: list[str] = []
    all_named = True
    is_empty = True
    line = f"{path}, line "
    end = above
    try:
        for row in rows:
            where = f"{line}{end + 1}"
            end = above + rows.line_num
            cells = list(map(str.strip, row))
            if cells != row:
                cells = [cell if _in_quotes(cell, raw) else bare for cell, bare in zip(row, cells)]
            raw.clear()
            if not any(cells):
                continue  # a blank line, or one of separators alone
            if not names:
                if not any(cell.strip("".join(_SEPARATORS)) for cell in cells):
                    continue  # one of other separators
                names = _header(cells, where)
                all_named = all(names)
                continue
            if len(cells) != len(names) or not all_named:
                _check_cells(cells, names, where)
                yield where, {name: cell for name, cell in zip(names, cells) if name}
            else:
                yield where, dict(zip(names, cells))
            is_empty = False
    except csv.Error as error:
        raise UserError(f"{line}{end + 1}: {_told(error)}") from None
    if not names:
        raise UserError(f"{path}: is empty; its first line must name the columns")
    if is_empty:
        raise UserError(f"{path}: holds no row below its header; each row becomes a job")


def _noted(lines: Iterable[str], raw: list[str]) -> Iterator[str]:
    for line in lines:
        raw.append(line)
        yield line


def _in_quotes(cell: str, raw: Sequence[str]) -> bool:
    """Whether this cell of the row is quoted, so that its spaces are intended."""
    doubled = cell.replace('"', '""')
    return f'"{doubled}"' in "".join(raw)


def _header(cells: Sequence[str], where: str) -> list[str]:
    """The names of the columns; '' for a column without one. Raises UserError."""
    names = [_name(cell) for cell in cells]
    if not any(names):  # nothing but byte order marks
        raise UserError(f"{where}: names no column; the first line must name the columns")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise UserError(f"{where}: the column {twice[0]!r} stands twice; rename or remove one of them")
    for name in filter(_reserved, names):
        why = "holds the whole row in a job's message" if name == "group" else "marks a comment in a job file"
        raise UserError(f"{where}: the name {name!r} {why}; rename or remove this column")
    return names


def _name(cell: str) -> str:
    """A cell as a name. Concatenated files may have a byte order mark within the text."""
    return cell.strip("\ufeff").strip()


def _reserved(name: str) -> bool:
    return name == "group" or "_comment" in name


def _check_cells(cells: Sequence[str], names: Sequence[str], where: str) -> None:
    """Raise UserError if a column's cell is missing, or a cell that is not empty has no column."""
    needed = max(number for number, name in enumerate(names, 1) if name)
    named = [name for name in names if name]
    beyond = any(cells[len(names) :])
    if len(cells) < needed or beyond:
        has = "has 1 cell" if len(cells) == 1 else f"has {len(cells)} cells"
        fix = "put the cell that holds the separator in quotes" if beyond else "complete the row"
        raise UserError(f"{where}: {has}, but the header has {len(named)} ({', '.join(named)}); {fix}")
    for number, (name, cell) in enumerate(zip(names, cells), 1):
        if cell and not name:
            raise UserError(
                f"{where}: {cell[:60]!r} stands in column {number}, which has no name; name the column "
                "in the header, or remove it"
            )


def _told(error: csv.Error) -> str:
    """Python's csv in our words: https://github.com/python/cpython/blob/main/Modules/_csv.c"""
    text = str(error)
    if "end of data" in text:
        return 'a quotation mark is opened and never closed; close it, or write a single one as """"'
    if "expected after" in text:
        return 'text follows a closing quotation mark; write one inside of quotes as ""'
    if "field limit" in text:
        return (
            f"a cell has more than {csv.field_size_limit():,} characters; close the quotation mark that "
            "opens it, or put long text into a file in the bucket"
        )
    return f"cannot be read as a row: {text}"


def _separator(path: Path, sample: list[str]) -> str:
    """The only separator with which the table can be read. Raises UserError."""
    own = SEPARATORS[path.suffix.lower()]
    found = {one: _widths(sample, one) for one in _SEPARATORS}
    several = [one for one, widths in found.items() if widths[:1] > [1]]
    if not several:
        return own
    if own == "\t" and own in several:
        return own  # the name says so
    if len(several) > 1:
        even = [one for one in several if len(set(found[one])) == 1]
        if len(even) > 1:
            first, second = (_SHOWN.get(one, repr(one)) for one in even[:2])
            raise UserError(
                f"{path}: its columns may be separated by {first} or by {second}; write sep={even[0]} or "
                f"sep={even[1]} alone into a new first line"
            )
        several = even or ([own] if own in several else several)
    return several[0]


def _widths(sample: list[str], separator: str) -> list[int]:
    """The number of cells in each row of the sample, the header first; [] if it cannot be read this way."""
    raw: list[str] = []
    rows = csv.reader(_noted(sample, raw), delimiter=separator, strict=True)
    widths: list[int] = []
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                if not widths and any('"' in cell and not _in_quotes(cell, raw) for cell in row):
                    return []  # it cuts through quotes
                # Empty cells at the end are what spreadsheets leave there.
                width = max(number for number, cell in enumerate(row, 1) if cell.strip())
                fits = bool(widths) and width <= widths[0] <= len(row)
                widths.append(widths[0] if fits else len(row) if widths else width)
            raw.clear()
    except csv.Error:
        if rows.line_num < len(sample):
            return []
    return widths
