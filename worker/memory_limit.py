"""Whether the kernel ended something in this container because its memory limit was reached.

https://docs.kernel.org/admin-guide/cgroup-v2.html (memory.events), and for version 1
https://docs.kernel.org/admin-guide/cgroup-v1/memory.html (memory.oom_control)
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_COUNTERS = (Path("/sys/fs/cgroup/memory.events"), Path("/sys/fs/cgroup/memory/memory.oom_control"))


def prefer_as_victim(process_id: int) -> None:
    """Let the kernel end this process, and those it starts, before the worker.

    https://docs.kernel.org/filesystems/proc.html (3.1 oom_score_adj)
    """
    with suppress(OSError):
        Path(f"/proc/{process_id}/oom_score_adj").write_text("1000")


def oom_kills(counters: tuple[Path, ...] = _COUNTERS) -> int:
    """How many processes were ended so far; 0 where the kernel does not tell."""
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
