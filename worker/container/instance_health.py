"""The machine's health: disk, inodes, memory, processors, read from the kernel.

https://docs.kernel.org/filesystems/proc.html (1.2 meminfo, 1.7 stat)
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

DISK_LIMIT_PERCENT = 90.0
FREE_MEMORY_PERCENT = 10.0


class CpuTimes(NamedTuple):
    """Ticks since the start of the machine."""

    busy: int
    all: int


def cpu_times(stat: str) -> CpuTimes:
    """From /proc/stat. Waiting for a disk counts as idle."""
    ticks = [int(field) for field in stat.splitlines()[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    return CpuTimes(sum(ticks) - idle, sum(ticks))


def memory_megabytes(meminfo: str) -> tuple[int, int]:
    """(all, available) from /proc/meminfo, in MB."""
    fields = dict(line.split(":", 1) for line in meminfo.splitlines() if ":" in line)
    total, available = (int(fields[name].split()[0]) // 1024 for name in ("MemTotal", "MemAvailable"))
    return total, available


def percent(part: float, whole: float) -> float:
    """The percentage, rounded to a tenth; 0 if the whole is 0."""
    return round(100.0 * part / whole, 1) if whole else 0.0


class InstanceHealth:
    """Measures repeatedly; the processors' load is that since the previous measurement."""

    def __init__(self, folder: str, proc: Path = Path("/proc")) -> None:
        """``folder``: a folder on the disk that jobs write to."""
        self._folder = folder
        self._proc = proc
        self._before = self._cpu_times()

    def measure(self) -> dict[str, float]:
        """The measurements: percentages, or MB if the name says so."""
        disk = os.statvfs(self._folder)
        memory, available = memory_megabytes((self._proc / "meminfo").read_text())
        now, before = self._cpu_times(), self._before
        self._before = now
        megabyte = 1024 * 1024 / disk.f_frsize
        used = disk.f_blocks - disk.f_bfree
        return {
            "cpu_percent": percent(now.busy - before.busy, now.all - before.all),
            "memory_percent": percent(memory - available, memory),
            "memory_mb": memory,
            "disk_percent": percent(used, used + disk.f_bavail),
            "disk_mb": int(disk.f_blocks / megabyte),
            "inodes_percent": percent(disk.f_files - disk.f_ffree, disk.f_files),
        }

    def _cpu_times(self) -> CpuTimes:
        return cpu_times((self._proc / "stat").read_text())


def warnings(measured: dict[str, float]) -> list[str]:
    """Warnings of what will soon make jobs fail."""
    found = []
    if measured["disk_percent"] > DISK_LIMIT_PERCENT:
        found.append(f"the disk is {measured['disk_percent']} % full; raise EBS_VOL_SIZE of config.py")
    if measured["inodes_percent"] > DISK_LIMIT_PERCENT:
        found.append(f"{measured['inodes_percent']} % of the disk's inodes are used: too many small files")
    if 100.0 - measured["memory_percent"] < FREE_MEMORY_PERCENT:
        found.append(
            f"{measured['memory_percent']} % of the memory is used; choose a larger MACHINE_TYPE, or fewer "
            "TASKS_PER_MACHINE or DOCKER_CORES"
        )
    return found
