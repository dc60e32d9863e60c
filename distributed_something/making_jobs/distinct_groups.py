"""Collects the groups of jobs from any number of files or rows: each once, in the order in which they came.

They are in a temporary database that SQLite keeps on disk once it is large, so that memory stays as it is.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from types import TracebackType
from typing import Iterator, NamedTuple

from ..groups import Group

# SQLite's page cache, in KiB; what is more goes to disk.
_CACHE_KIB = 16 * 1024
# No two of even 10**12 groups share one.
_DIGEST_BYTES = 16


class Size(NamedTuple):
    """So many ``groups`` were found in so many ``times`` files or rows each; ``example`` is one of them."""

    times: int
    groups: int
    example: Group


class DistinctGroups:
    """To be used in a ``with`` statement; can be walked again and again."""

    def __init__(self) -> None:
        self.count = 0
        self._database = sqlite3.connect("", isolation_level=None)  # "": temporary, gone at the end
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._database.execute("PRAGMA temp_store = FILE")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute(
            "CREATE TABLE groups (number INTEGER PRIMARY KEY, digest BLOB UNIQUE, body TEXT, times INTEGER)"
        )
        self._database.execute("BEGIN")

    def __enter__(self) -> DistinctGroups:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def add(self, group: Group) -> None:
        body = json.dumps(group)
        digest = hashlib.blake2b(body.encode(), digest_size=_DIGEST_BYTES).digest()
        known = self._database.execute("UPDATE groups SET times = times + 1 WHERE digest = ?", (digest,))
        if not known.rowcount:
            self._database.execute(
                "INSERT INTO groups (digest, body, times) VALUES (?, ?, 1)", (digest, body)
            )
            self.count += 1

    def __iter__(self) -> Iterator[Group]:
        for (body,) in self._database.execute("SELECT body FROM groups ORDER BY number"):
            yield json.loads(body)

    def sizes(self) -> list[Size]:
        """How often groups were found, the commonest number first."""
        rows = self._database.execute(
            "SELECT times, count(*), min(number) FROM groups GROUP BY times ORDER BY 2 DESC, 1 DESC"
        ).fetchall()
        return [Size(times, groups, self._group(number)) for times, groups, number in rows]

    def _group(self, number: int) -> Group:
        query = "SELECT body FROM groups WHERE number = ?"
        return dict(json.loads(self._database.execute(query, (number,)).fetchone()[0]))
