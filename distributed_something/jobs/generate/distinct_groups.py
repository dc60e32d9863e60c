"""Collects the distinct groups of any number of files or rows, in the order of their first appearance."""

from __future__ import annotations

import json
from typing import Iterator, NamedTuple

from ..groups import Group
from ..scratch_table import ScratchTable, digest


class Size(NamedTuple):
    """``groups``: how many were found in ``times`` files or rows each; ``example``: one of them."""

    times: int
    groups: int
    example: Group


class DistinctGroups(ScratchTable):
    """For use in a ``with`` statement; can be iterated repeatedly."""

    def __init__(self) -> None:
        super().__init__("groups (number INTEGER PRIMARY KEY, digest BLOB UNIQUE, body TEXT, times INTEGER)")
        self.database.execute("BEGIN")
        self.count = 0

    def add(self, group: Group) -> None:
        body = json.dumps(group)
        key = digest(body)
        known = self.database.execute("UPDATE groups SET times = times + 1 WHERE digest = ?", (key,))
        if not known.rowcount:
            self.database.execute("INSERT INTO groups (digest, body, times) VALUES (?, ?, 1)", (key, body))
            self.count += 1

    def __iter__(self) -> Iterator[Group]:
        for (body,) in self.database.execute("SELECT body FROM groups ORDER BY number"):
            yield json.loads(body)

    def sizes(self) -> list[Size]:
        """How often groups were found, the most frequent number first."""
        rows = self.database.execute(
            "SELECT times, count(*), min(number) FROM groups GROUP BY times ORDER BY 2 DESC, 1 DESC"
        ).fetchall()
        return [Size(times, groups, self._group(number)) for times, groups, number in rows]

    def _group(self, number: int) -> Group:
        query = "SELECT body FROM groups WHERE number = ?"
        return dict(json.loads(self.database.execute(query, (number,)).fetchone()[0]))
