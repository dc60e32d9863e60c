"""Machines of the rehearsal: they come and go with the emulated spot fleet and start the containers that the
ECS service asks for, each as DOCKER_CORES worker processes or as a container of Docker.

What to start is read from the emulated AWS, over HTTP, as the ECS agent would learn it.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any, Callable

from ..aws import fleet, service, task
from ..aws.session import Aws
from ..settings import Settings
from .units import Starter

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
    """One machine: a folder of its own and what runs on it."""

    def __init__(
        self, name: str, root: Path, environment: dict[str, str], start: Starter, say: Callable[[str], None]
    ) -> None:
        self.name = name
        self._folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=str(root)))
        self._environment = environment
        self._start = start
        self._say = say
        self._units: list[Any] = []
        self._looks_without: int = _RESTART_AFTER_LOOKS

    def keep_running(self, count: int) -> None:
        """Start workers until ``count`` run, or stop those that are too many."""
        ended = [unit for unit in self._units if unit.exit_code() is not None]
        self._units = [unit for unit in self._units if unit not in ended]
        if ended:
            self._looks_without = 0
        for unit in ended:
            if unit.exit_code():
                self._say(f"A worker of {self.name} ended with {unit.exit_code()}:\n{unit.last_lines()}")
            unit.end()
        if len(self._units) > count:
            self._end(self._units[count:])
            self._units = self._units[:count]
        elif len(self._units) < count:
            self._looks_without += 1
            if self._looks_without > _RESTART_AFTER_LOOKS:
                self._units += [
                    self._start(self._folder, self._environment) for _ in range(count - len(self._units))
                ]

    def stop(self) -> None:
        """End the workers as ECS does (SIGTERM, then SIGKILL) and remove what they left on disk."""
        self._end(self._units)
        self._units = []
        shutil.rmtree(str(self._folder), ignore_errors=True)

    @staticmethod
    def _end(units: list[Any]) -> None:
        for unit in units:
            unit.ask_to_end()
        for unit in units:
            unit.end()


class Machines:
    """All machines of one app: brought into line with the emulated fleet and service, in the background."""

    def __init__(
        self,
        aws: Aws,
        settings: Settings,
        root: Path,
        surroundings: dict[str, str],
        start: Starter,
        each: int,
        say: Callable[[str], None],
    ) -> None:
        """``surroundings``: the environment beside what the task definition says. ``start`` makes one of the
        ``each`` parts that a container of ECS consists of here; ``say`` is told of those that fail.
        """
        self._aws = aws
        self._settings = settings
        self._root = root
        self._surroundings = surroundings
        self._start_one = start
        self._each = each
        self._say = say
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
                self._machines[name] = Machine(
                    name, self._root, self._environment(), self._start_one, self._say
                )
        containers = placement(int(there["desiredCount"]), wanted, self._settings.tasks_per_machine)
        for name, count in containers.items():
            self._machines[name].keep_running(count * self._each)

    def _environment(self) -> dict[str, str]:
        """A container's environment: what its task definition says, in these surroundings."""
        newest = task.latest(self._aws, self._settings.task_family) or {"containerDefinitions": []}
        told = {
            variable["name"]: variable["value"]
            for container in newest["containerDefinitions"]
            for variable in container["environment"]
        }
        return {**told, **self._surroundings}

    def _follow(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            self.follow_once()
