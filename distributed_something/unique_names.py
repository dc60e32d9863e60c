"""Finds two jobs of one name among any number of jobs, in constant memory.

The names' digests go into a temporary database that SQLite keeps on disk once it is large.
"""

from __future__ import annotations

import hashlib
import sqlite3
from types import TracebackType

_BATCH = 10_000
# SQLite's page cache, in KiB; what is more goes to disk.
_CACHE_KIB = 16 * 1024
# No two of even 10**12 names share one.
_DIGEST_BYTES = 16


class UniqueNames:
    """Collects names in order; to be used in a ``with`` statement."""

    def __init__(self) -> None:
        self._rows: list[tuple[bytes]] = []
        self._database = sqlite3.connect("", isolation_level=None)  # "": temporary, gone at the end
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._database.execute("PRAGMA temp_store = FILE")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE names (digest BLOB)")

    def __enter__(self) -> UniqueNames:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def add(self, name: str) -> None:
        digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES)
        self._rows.append((digest.digest(),))
        if len(self._rows) >= _BATCH:
            self._flush()

    def first_repeated(self) -> tuple[int, int] | None:
        """The numbers (from 1, in order of adding) of two jobs of one name, or None."""
        self._flush()
        found = self._database.execute(
            "SELECT min(rowid), max(rowid) FROM names GROUP BY digest HAVING count(*) > 1 LIMIT 1"
        ).fetchone()
        return None if found is None else (int(found[0]), int(found[1]))

    def _flush(self) -> None:
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO names VALUES (?)", self._rows)
        self._database.execute("COMMIT")
        self._rows = []
