"""A temporary SQLite table for more entries than fit in memory, kept on disk once it is large."""

from __future__ import annotations

import hashlib
import sqlite3
from types import TracebackType
from typing import TypeVar

# SQLite's page cache in KiB; the rest goes to disk.
_CACHE_KIB = 16 * 1024
# Bytes of a digest: without collisions even among 10**12 texts.
_DIGEST_BYTES = 16

Itself = TypeVar("Itself", bound="ScratchTable")


class ScratchTable:
    """For use in a ``with`` statement, which deletes it at the end. ``table``: as in CREATE TABLE."""

    def __init__(self, table: str) -> None:
        self.database = sqlite3.connect("", isolation_level=None)  # "": temporary
        self.database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self.database.execute("PRAGMA temp_store = FILE")
        self.database.execute("PRAGMA journal_mode = OFF")
        self.database.execute(f"CREATE TABLE {table}")

    def __enter__(self: Itself) -> Itself:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.database.close()


def digest(text: str) -> bytes:
    """A 16-byte digest of a text of any length."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
