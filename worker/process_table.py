"""Which processes there are: is one alive, whose children are they. Reads /proc; see proc(5)."""

from __future__ import annotations

import os
from contextlib import suppress


def lives(process_id: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def children(parent: int) -> set[int]:
    """A process's children that have not ended, and orphans that became its own: proc(5), fields 3 and 4."""
    found = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):  # it has just ended
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                state, above = stat.read().rsplit(")", 1)[1].split()[:2]
            if int(above) == parent and state != "Z":
                found.add(int(name))
    return found
