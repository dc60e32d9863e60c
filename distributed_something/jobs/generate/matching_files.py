"""The files that match a pattern, as groups: in the bucket, or in a local folder."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Callable, Iterator, Sequence

from ...aws import bucket
from ...aws.session import Aws
from ...config.settings import EXAMPLE_VALUES
from ...errors import UserError
from ...local.folder_files import LeftOut, files_of
from .distinct_groups import DistinctGroups
from .file_name_pattern import NOT_READ, Nearest, Pattern, ambiguous

# Files examined for the closest names if a pattern matches none.
_LOOK_AT = 1000


class BucketFolder:
    """' at its end or ''./' at its end or ''."""

    def __init__(self, aws: Aws, name: str, folder: str) -> None:
        """Raises UserError for an invalid folder, or the example's bucket."""
        if folder.startswith("s3://"):
            there, _, folder = folder[len("s3://") :].partition("/")
            if there != name:
                raise UserError(f"--bucket-folder s3://{there}: SOURCE_BUCKET of config.py is {name}")
        if name == EXAMPLE_VALUES["AWS_BUCKET"]:
            raise UserError(
                "SOURCE_BUCKET of config.py still holds the example's value; write your own, or name a "
                "folder of this computer with --folder"
            )
        self._aws = aws
        self._bucket = name
        self.inside = _inside(folder)

    def __str__(self) -> str:
        return f"s3://{self._bucket}/{self.inside}"

    def keys(self, beginning: str = "") -> Iterator[str]:
        """The names, relative to the folder, that begin with ``beginning``."""
        for key, _ in bucket.keys(self._aws, self._bucket, self.inside + beginning):
            if not key.endswith("/"):  # the marker that the console makes for a folder
                yield key[len(self.inside) :]

    def refuse_missing(self) -> None:
        """Raise UserError if the bucket does not exist."""
        if bucket.region_of(self._aws, self._bucket) is None:
            raise UserError(f"There is no bucket {self._bucket}; mend SOURCE_BUCKET of config.py")


class LocalFolder:
    """The same for a local folder that serves as the bucket, as in `local`."""

    def __init__(self, root: Path, folder: str) -> None:
        self.inside = _inside(folder)
        self.left_out = LeftOut()
        self._path = root / self.inside

    def __str__(self) -> str:
        return str(self._path)

    def keys(self, beginning: str = "") -> Iterator[str]:
        files = files_of(self._path, self.left_out, self.inside)
        return (name for _, name in files if name.startswith(beginning))

    def refuse_missing(self) -> None:
        if not self._path.is_dir():
            raise UserError(f"{self._path}: there is no such folder")


def collect_groups(
    folder: BucketFolder | LocalFolder,
    pattern: Pattern,
    kept: Sequence[str],
    found: DistinctGroups,
    seen: Callable[[], None],
) -> Nearest:
    """Add the values of the ``kept`` placeholders in each file's name. Returns the files that do not match.

    ``seen`` is called for each file. Raises UserError if none matches, or one matches in two ways.
    """
    others = Nearest()
    for key in folder.keys(pattern.beginning):
        seen()
        reading = pattern.read(key, kept) if _is_text(key) else NOT_READ
        if reading.values is None:
            others.add(key, reading.depth)
            continue
        if reading.other:
            raise ambiguous(key, reading)
        found.add(reading.values)
    if not found.count:
        _refuse(folder, pattern, others)
    return others


def _refuse(folder: BucketFolder | LocalFolder, pattern: Pattern, others: Nearest) -> None:
    if not others.count:
        for key in islice(folder.keys(), _LOOK_AT):
            others.add(key, pattern.read(key).depth)
    if not others.count:
        folder.refuse_missing()
        raise UserError(f"There is no file in {folder}; look at the folder's name, capitals count")
    raise UserError(
        f"No file of {folder} fits --pattern {pattern.text}; the nearest: {others}. A pattern is for the "
        "whole name after the folder; capitals count"
    )


def _is_text(key: str) -> bool:
    """Whether the name is valid UTF-8, which not every file system requires."""
    try:
        key.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _inside(folder: str) -> str:
    kept = folder.strip("/")
    if kept and {"", ".", ".."} & set(kept.split("/")):
        raise UserError(f"--bucket-folder {folder}: write it without '.', '..' and '//'")
    return kept + "/" if kept else ""
