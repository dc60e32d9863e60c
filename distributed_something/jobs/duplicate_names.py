"""Finds two jobs with the same name among any number of jobs, in constant memory."""

from __future__ import annotations

from .scratch_table import ScratchTable, digest

_BATCH = 10_000


class DuplicateNames(ScratchTable):
    """Collects names in order; for use in a ``with`` statement."""

    def __init__(self) -> None:
        super().__init__("names (digest BLOB)")
        self._rows: list[tuple[bytes]] = []

    def add(self, name: str) -> None:
        self._rows.append((digest(name),))
        if len(self._rows) >= _BATCH:
            self._flush()

    def first_repeated(self) -> tuple[int, int] | None:
        """The numbers (from 1, in the order added) of two jobs with the same name, or None."""
        self._flush()
        found = self.database.execute(
            "SELECT min(rowid), max(rowid) FROM names GROUP BY digest HAVING count(*) > 1 LIMIT 1"
        ).fetchone()
        return None if found is None else (int(found[0]), int(found[1]))

    def _flush(self) -> None:
        self.database.execute("BEGIN")
        self.database.executemany("INSERT INTO names VALUES (?)", self._rows)
        self.database.execute("COMMIT")
        self._rows = []
