"""Opens a text file in UTF-8 or UTF-16, with or without a byte order mark.

Any other encoding is refused: the same bytes are 'ä' in one country and 'д' in another, and the text of a
table becomes names in the bucket. https://docs.python.org/3/library/codecs.html#encodings-and-unicode
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, TextIO

from ..errors import UserError

# The longest first, since the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The first bytes of files that are often named like a table by mistake.
_BEGINNINGS = (
    (b"PK\x03\x04", "a spreadsheet or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet of an old Excel"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"%PDF", "a PDF"),
)
_AS_UTF8 = "save it in UTF-8 (Excel: 'CSV UTF-8', Notepad: encoding 'UTF-8')"
_CHUNK = 1 << 20  # bytes
# A line is read into memory.
_LONGEST_LINE = 16  # chunks
_NEAR = 20  # bytes that are shown on each side of one that is not text
_LINE_END = re.compile("[\r\n]")


@contextmanager
def text_of(path: Path) -> Iterator[TextIO]:
    """The file as text, its line ends as they are.

    It is first read through once, in constant memory, so that bytes that are not text are found before any
    line is used. Raises UserError naming the line.
    """
    _refuse_odd(path)
    try:
        with path.open(encoding=_checked_encoding(path), newline="") as lines:
            yield lines
    except UnicodeDecodeError:
        raise UserError(f"{path}: was changed while it was read; run the command again") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None


def _refuse_odd(path: Path) -> None:
    """Refuse anything but a regular file: opening a pipe would wait for a writer."""
    try:
        mode = os.stat(str(path)).st_mode
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        told = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"{path}: cannot be read: {told}") from None
    if not stat.S_ISREG(mode):
        raise UserError(f"{path}: is not a regular file; save the table as a file and name that")


def _checked_encoding(path: Path) -> str:
    """The only encoding in which the whole file is text. Raises UserError."""
    with path.open("rb") as data:
        chunk = data.read(_CHUNK)
        for beginning, what in _BEGINNINGS:
            if chunk.startswith(beginning):
                raise UserError(f"{path}: is {what} and not a text file, whatever its name says; {_AS_UTF8}")
        encoding = _encoding_of(chunk)
        decoder = codecs.getincrementaldecoder(encoding)()
        ends = _LineEnds()
        since_line_end = 0
        while True:
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                _refuse_nul(path, ends, error.object[: error.start].decode("latin-1"))
                raise UserError(_not_text(path, ends, encoding, error)) from None
            _refuse_nul(path, ends, text)
            before = ends.line
            ends.count(text)
            since_line_end = since_line_end + 1 if ends.line == before else 0
            if since_line_end > _LONGEST_LINE:
                raise UserError(f"{path}, line {before}: is longer than 16 million characters; shorten it")
            if not chunk:
                return encoding
            chunk = data.read(_CHUNK)


class _LineEnds:
    """Counts lines that end in LF, CR LF, or only CR, as written by old Mac programs."""

    def __init__(self) -> None:
        self._line_feeds = 0
        self._returns = 0

    def count(self, text: str) -> None:
        self._line_feeds += text.count("\n")
        self._returns += text.count("\r")

    @property
    def line(self) -> int:
        """The number of the next line, from 1."""
        return 1 + max(self._line_feeds, self._returns)


def _encoding_of(beginning: bytes) -> str:
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            return encoding
    if b"\0" in beginning:
        # In the wrong byte order, a line end is U+0A00 or U+0D00, which does not end a line.
        likely = [one for one in ("utf-16-le", "utf-16-be") if _has_lines(beginning, one)]
        if len(likely) == 1:
            return likely[0]
    return "utf-8"


def _has_lines(beginning: bytes, encoding: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(beginning)
    except UnicodeDecodeError:
        return False
    return "\0" not in text and _LINE_END.search(text) is not None


def _refuse_nul(path: Path, ends: _LineEnds, text: str) -> None:
    if "\0" in text:
        ends.count(text[: text.index("\0")])
        raise UserError(f"{path}, line {ends.line}: holds a NUL character, so it is not text; {_AS_UTF8}")


def _not_text(path: Path, ends: _LineEnds, encoding: str, error: UnicodeDecodeError) -> str:
    if not encoding.startswith("utf-8"):
        return f"{path}: begins as {encoding[:6].upper()}, but not all of it is; {_AS_UTF8}"
    data, at = error.object, error.start
    ends.count(data[:at].decode("latin-1"))
    # Most often it is this encoding, but nothing in the file says so.
    shown = data[max(0, at - _NEAR) : at].decode("cp1252", "replace")
    shown = _LINE_END.split(shown)[-1] + _LINE_END.split(data[at : at + _NEAR].decode("cp1252", "replace"))[0]
    return f"{path}, line {ends.line}: the letters near {shown!r} are not in UTF-8; {_AS_UTF8}"
