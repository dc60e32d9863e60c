"""Detects whether the kernel killed a process of this container for lack of memory.

https://docs.kernel.org/admin-guide/cgroup-v2.html (memory.events), and for version 1
https://docs.kernel.org/admin-guide/cgroup-v1/memory.html (memory.oom_control)
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_COUNTERS = (Path("/sys/fs/cgroup/memory.events"), Path("/sys/fs/cgroup/memory/memory.oom_control"))


def prefer_as_victim(process_id: int) -> None:
    """Have the kernel kill this process, and those it starts, before the worker.

    https://docs.kernel.org/filesystems/proc.html (3.1 oom_score_adj)
    """
    with suppress(OSError):
        Path(f"/proc/{process_id}/oom_score_adj").write_text("1000")


def oom_kills(counters: tuple[Path, ...] = _COUNTERS) -> int:
    """The number of processes killed so far; 0 if the kernel does not report it."""
    for path in counters:
        try:
            lines = path.read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, number = line.partition(" ")
            if name == "oom_kill":
                return int(number)
    return 0
