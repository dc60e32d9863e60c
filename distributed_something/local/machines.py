"""Machines that are processes: they come and go with the emulated spot fleet and start the containers that
the ECS service asks for, each as DOCKER_CORES worker processes.

What to start is read from the emulated AWS, over HTTP, as the ECS agent would learn it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from ..aws import fleet, service, task
from ..aws.session import Aws
from ..settings import Settings
from .guard import Guard

_WORKER = Path(__file__).resolve().parents[2] / "worker" / "generic-worker.py"
_POLL_SECONDS = 0.3
# A worker that ended is started again, as ECS does, after so many looks.
_RESTART_AFTER_LOOKS = 5


def placement(containers: int, machines: list[str], most_each: int) -> dict[str, int]:
    """How many containers each machine runs: spread evenly, at most ``most_each`` on one."""
    placed = dict.fromkeys(machines, 0)
    for number in range(min(containers, len(machines) * most_each)):
        placed[machines[number % len(machines)]] += 1
    return placed


class Machine:
    """One machine: a folder of its own and the worker processes on it."""

    def __init__(self, name: str, root: Path, environment: dict[str, str], guard: Guard) -> None:
        self.name = name
        self._guard = guard
        self._folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=str(root)))
        self._environment = environment
        self._workers: list[subprocess.Popen] = []
        self._looks_without: int = _RESTART_AFTER_LOOKS

    @property
    def process_ids(self) -> list[int]:
        return [worker.pid for worker in self._workers if worker.poll() is None]

    def keep_running(self, count: int) -> None:
        """Start workers until ``count`` run, or stop those that are too many."""
        ended = [worker for worker in self._workers if worker.poll() is not None]
        self._workers = [worker for worker in self._workers if worker not in ended]
        if ended:
            self._looks_without = 0
        for worker in ended:
            self._guard.ended(worker.pid)
        if len(self._workers) > count:
            self._end(self._workers[count:])
            self._workers = self._workers[:count]
        elif len(self._workers) < count:
            self._looks_without += 1
            if self._looks_without > _RESTART_AFTER_LOOKS:
                self._workers += [self._start() for _ in range(count - len(self._workers))]

    def stop(self) -> None:
        """End the workers as ECS does (SIGTERM, then SIGKILL) and remove what they left on disk."""
        self._end(self._workers)
        self._workers = []
        shutil.rmtree(str(self._folder), ignore_errors=True)

    def _start(self) -> subprocess.Popen:
        folder = Path(tempfile.mkdtemp(prefix="worker-", dir=str(self._folder)))
        with (folder / "output.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, str(_WORKER)],
                env={**self._environment, "WORK_FOLDER": str(folder)},
                cwd=str(folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the rehearsal to handle, in order
            )
        self._guard.started(worker.pid)
        return worker

    def _end(self, workers: list[subprocess.Popen]) -> None:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            try:
                worker.wait(timeout=task.STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
            self._guard.ended(worker.pid)


class Machines:
    """All machines of one app: brought into line with the emulated fleet and service, in the background."""

    def __init__(
        self, aws: Aws, settings: Settings, root: Path, surroundings: dict[str, str], guard: Guard
    ) -> None:
        """``surroundings``: the environment beside what the task definition says."""
        self._guard = guard
        self._aws = aws
        self._settings = settings
        self._root = root
        self._surroundings = surroundings
        self._machines: dict[str, Machine] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._follow, name="machines", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End every machine, whatever the fleet says."""
        self._stop.set()
        if self._thread:
            self._thread.join()
        for machine in self._machines.values():
            machine.stop()
        self._machines = {}

    def process_ids(self) -> list[int]:
        """The worker processes that run now."""
        return [pid for machine in list(self._machines.values()) for pid in machine.process_ids]

    def follow_once(self) -> None:
        """Start and stop machines and workers until they are what fleet and service ask for."""
        wanted = [
            instance
            for one in fleet.live_of(self._aws, self._settings.app_name)
            for instance in fleet.instances(self._aws, one.id)
        ]
        for name in set(self._machines) - set(wanted):
            self._machines.pop(name).stop()
        there = service.find(self._aws, self._settings.ecs_cluster, self._settings.service_name)
        if not wanted or there is None:
            return
        for name in wanted:
            if name not in self._machines:
                self._machines[name] = Machine(name, self._root, self._environment(), self._guard)
        containers = placement(int(there["desiredCount"]), wanted, self._settings.tasks_per_machine)
        for name, count in containers.items():
            self._machines[name].keep_running(count * self._settings.docker_cores)

    def _environment(self) -> dict[str, str]:
        """A container's environment: what its task definition says, in these surroundings."""
        newest = task.latest(self._aws, self._settings.task_family) or {"containerDefinitions": []}
        told = {
            variable["name"]: variable["value"]
            for container in newest["containerDefinitions"]
            for variable in container["environment"]
        }
        return {**os.environ, **told, **self._surroundings}

    def _follow(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            self.follow_once()
