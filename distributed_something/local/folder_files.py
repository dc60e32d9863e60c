"""What the bucket holds that a folder stands for: every file of it, as `aws s3 sync` would upload it.

Links are followed, also to folders. What cannot be an object is left out, with the reason; so is what the
operating system keeps for itself in folders, which is known by its whole name.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import Iterator

# A key has so many bytes of UTF-8 at most.
KEY_LIMIT = 1024
# A file that is being written, under a name that is ours.
PARTIAL = ".rehearsal-{}.partial"
_PARTIAL = re.compile(r"\.rehearsal-[\d-]+\.partial")
_LITTER = re.compile(
    r"\.DS_Store|\.localized|Icon\r|Thumbs\.db|ehthumbs(_vista)?\.db|desktop\.ini"
    r"|\.Spotlight-V100|\.Trashes|\.fseventsd|\.TemporaryItems|\.DocumentRevisions-V100"
    r"|\$RECYCLE\.BIN|System Volume Information|lost\+found|\.Trash-\d+|@eaDir"
    r"|\.nfs[0-9a-f]{16,}|\.fuse_hidden[0-9a-f]+",
    re.IGNORECASE,
)
# What macOS writes beside a file on disks of others; other files may begin with '._' too.
# https://www.rfc-editor.org/rfc/rfc1740 (appendix B)
_APPLE_DOUBLE = b"\x00\x05\x16\x07"
_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
# So many names are listed for each reason; the others are counted.
_SHOWN = 10


class LeftOut:
    """Names, each with the reason why it was left out; for many threads."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def add(self, name: str, reason: str) -> None:
        self._reasons[name] = reason

    def __len__(self) -> int:
        return len(self._reasons)

    def listed(self) -> str:
        """All of them: 'a', 'b' (a pipe); 'c' and 7 more (a link to nothing)."""
        names: dict[str, list[str]] = {}
        for name in sorted(self._reasons):
            names.setdefault(self._reasons[name], []).append(repr(name))
        return "; ".join(f"{_enumerated(found)} ({reason})" for reason, found in sorted(names.items()))

    def sentence(self, folder: Path) -> str:
        """What of the folder is not in the bucket."""
        count = "1 entry" if len(self) == 1 else f"{len(self):,} entries"
        verb = "is" if len(self) == 1 else "are"
        return f"{count} of {folder} {verb} not in the bucket that it stands for: {self.listed()}"


def _enumerated(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def files_of(folder: Path, left_out: LeftOut, prefix: str = "") -> Iterator[tuple[Path, str]]:
    """The folder's files, and the name of each relative to it; sorted, a folder's own files first.

    ``prefix`` stands before the names in the bucket.
    """
    waiting: list[tuple[str, str, frozenset[tuple[int, int]]]] = [(str(folder), "", frozenset())]
    while waiting:
        place, inside, above = waiting.pop()
        below = []
        try:
            here = os.stat(place)
            with os.scandir(place) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            left_out.add(inside or str(folder), reason_of(error))
            continue
        above = above | {(here.st_dev, here.st_ino)}
        for entry in entries:
            name = inside + entry.name
            if _PARTIAL.fullmatch(entry.name):
                continue
            reason, is_folder = _looked_at(entry, prefix + name, above)
            if reason:
                left_out.add(name, reason)
            elif is_folder:
                below.append((entry.path, name + "/", above))
            else:
                yield Path(entry.path), name
        waiting.extend(reversed(below))


def reason_of(error: OSError) -> str:
    """Why a file cannot be read."""
    if isinstance(error, FileNotFoundError):
        return "it has vanished"
    if isinstance(error, PermissionError):
        return "you may not read it"
    return error.strerror or str(error)


def _looked_at(entry: os.DirEntry[str], key: str, above: frozenset[tuple[int, int]]) -> tuple[str, bool]:
    """(why it is left out, or ''; whether it is a folder). ``above``: the folders on the way to it."""
    if _LITTER.fullmatch(entry.name):
        return "of the operating system", False
    try:
        size = len(key.encode("utf-8"))
    except UnicodeEncodeError:
        return "its name is not UTF-8", False
    if size > KEY_LIMIT:
        return f"its name has more than {KEY_LIMIT:,} bytes", False
    try:
        found = entry.stat()
        if stat.S_ISDIR(found.st_mode):
            loops = (found.st_dev, found.st_ino) in above
            return ("a link to a folder that it lies in" if loops else "", True)
        for is_kind, kind in _KINDS:
            if is_kind(found.st_mode):
                return kind, False
        if not os.access(entry.path, os.R_OK):
            return "you may not read it", False
        if entry.name.startswith("._") and _begins(entry.path, _APPLE_DOUBLE):
            return "of the operating system", False
    except OSError as error:
        if entry.is_symlink() and error.errno in (errno.ENOENT, errno.ENOTDIR):
            return "a link to nothing", False
        if error.errno == errno.ELOOP:
            return "a link that leads back to itself", False
        return reason_of(error), False
    return "", False


def _begins(path: str, beginning: bytes) -> bool:
    with open(path, "rb") as file:
        return file.read(len(beginning)) == beginning
