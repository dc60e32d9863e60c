"""Where a result belongs in the folder that stands for the bucket; nothing is ever written outside of it."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import NamedTuple

from .folder_files import PARTIAL


class NoPlace(Exception):
    """The folder cannot hold an object of that name: says why."""


class _Owner(NamedTuple):
    bucket: str
    key: str
    etag: str


class ResultPlaces:
    """The places of the folder, each for one object: an object never takes another's silently.

    ``one_case``: the disk takes `A` and `a` for the same name, as macOS and Windows do.
    """

    def __init__(self, folder: Path, one_case: bool) -> None:
        self._folder = folder
        self._root = os.path.realpath(str(folder))
        self._one_case = one_case
        self._owners: dict[str, _Owner] = {}

    def keep(self, key: str) -> None:
        """A file of the folder that is there already; the same key may change it, no other one."""
        if self._one_case:
            self._owners[self._folded(key)] = _Owner("", key, "")

    def place(self, bucket: str, key: str, etag: str) -> Path | None:
        """The path of the object's file; None where the folder holds the same already. Raises NoPlace."""
        steps = key.split("/")
        if not {"", ".", ".."}.isdisjoint(steps):
            raise NoPlace(
                "no file can have a name that begins or ends with '/', or holds '//', '.' or '..' as a step"
            )
        if "\0" in key:
            raise NoPlace("no file can have a name with a NUL character")
        parent = self._folder.joinpath(*steps[:-1])
        if os.path.realpath(str(parent)) != os.path.join(self._root, *steps[:-1]):
            raise NoPlace("a link stands in the way, and results do not follow links")
        mine = _Owner(bucket, key, etag)
        owner = self._owners.setdefault(self._folded(key), mine)
        if owner.key != key:
            raise NoPlace(f"this disk takes its name for that of {owner.key!r}")
        if owner.bucket not in ("", bucket):
            if owner.etag == etag:
                return None
            raise NoPlace(f"the folder holds the one of bucket {owner.bucket}")
        self._owners[self._folded(key)] = mine
        return parent / steps[-1]

    def _folded(self, key: str) -> str:
        return unicodedata.normalize("NFC", key).casefold() if self._one_case else key


def takes_cases_for_one(folder: Path) -> bool:
    """Whether the folder's disk takes capitals and small letters for the same; tried with a file."""
    probe = folder / PARTIAL.format(os.getpid())
    try:
        probe.touch()
        try:
            return probe.with_name(probe.name.upper()).exists()
        finally:
            probe.unlink()
    except OSError:
        return False
