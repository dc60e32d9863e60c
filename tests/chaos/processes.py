"""Processes of this computer, as the kernel tells: https://docs.kernel.org/filesystems/proc.html"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


def runs_script(process_id: int, name: str) -> bool:
    """Whether one of its arguments is a file of this name."""
    with suppress(OSError):
        arguments = Path(f"/proc/{process_id}/cmdline").read_bytes().split(b"\0")
        return any(one.rsplit(b"/", 1)[-1] == name.encode() for one in arguments)
    return False


def kill(process_id: int, number: int = signal.SIGKILL, group: bool = False) -> None:
    """Send a signal to a process, or to its whole group; one that is gone is left alone."""
    with suppress(ProcessLookupError):
        (os.killpg if group else os.kill)(process_id, number)


def in_folder(folder: Path) -> list[int]:
    """Processes whose working folder is inside: what is left of a machine."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):  # it has just ended
            if Path(os.readlink(f"/proc/{name}/cwd")).is_relative_to(folder):
                found.append(int(name))
    return found
