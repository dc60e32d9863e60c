"""Stops the workers of a killed rehearsal: a separate process that briefly outlives it.

Its standard input names the workers, one per line: ``+NAME`` when one starts, ``-NAME`` when it ends. A name
is a process id, or "container:" and a container's name. The input ends with the rehearsal, however that ends;
then the remaining workers are stopped, and the folder removed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, cast

_CHECKOUT = Path(__file__).resolve().parents[2]
# Seconds that a worker needs to stop its tool.
_GRACE_SECONDS = 5.0


class OrphanReaper:
    """The rehearsal's side, for a ``with`` block; ``folder``: what a killed rehearsal would leave behind."""

    _process: subprocess.Popen[bytes]
    _names: IO[bytes]

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> OrphanReaper:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "distributed_something.local.orphan_reaper", str(self._folder)],
            cwd=str(_CHECKOUT),
            stdin=subprocess.PIPE,
            start_new_session=True,  # a closed terminal must not end the guard first
        )
        self._names = cast("IO[bytes]", self._process.stdin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        with suppress(OSError):
            self._names.close()

    def started(self, name: str) -> None:
        self._tell(f"+{name}\n")

    def ended(self, name: str) -> None:
        self._tell(f"-{name}\n")

    def _tell(self, line: str) -> None:
        with suppress(OSError):  # without a guard the rehearsal works all the same
            self._names.write(line.encode("ascii"))
            self._names.flush()


def main(folder: str) -> None:
    running: set[str] = set()
    for line in sys.stdin:
        (running.add if line[0] == "+" else running.discard)(line[1:].strip())
    processes = {int(name) for name in running if name.isdigit()}
    _signal(processes, signal.SIGTERM)
    _remove([name.partition(":")[2] for name in running if not name.isdigit()])
    if processes:
        time.sleep(_GRACE_SECONDS)
    _signal(processes, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def _signal(process_ids: set[int], number: int) -> None:
    for process_id in process_ids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process_id, number)


def _remove(containers: list[str]) -> None:
    if containers:
        import docker

        client = docker.from_env()
        deadline = time.monotonic() + _GRACE_SECONDS
        while containers and time.monotonic() < deadline:
            for name in list(containers):
                with suppress(docker.errors.APIError):
                    client.containers.get(name).remove(v=True, force=True)
                    containers.remove(name)
            time.sleep(0.5)  # one that is not there may still be on its way


if __name__ == "__main__":
    main(sys.argv[1])
