"""The machines of the rehearsal. They follow the emulated spot fleet, and start the containers of the
ECS service, each as DOCKER_CORES worker processes or as a Docker container.

They read what to start from the emulated AWS over HTTP, as an ECS agent would.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Collection

from ..aws import fleet, service, task_definition
from ..aws.session import Aws
from ..config.settings import Settings
from .background_loop import BackgroundLoop
from .containers import Starter, Unit
from .ecs_agent import EcsAgent

_POLL_SECONDS = 0.3
# Looks after which a container that ended is started again, as ECS does.
_RESTART_AFTER_LOOKS = 5


@dataclass
class Container:
    """One ECS task, and the units that form its container here."""

    task_arn: str
    units: list[Unit]
    asked: bool = False

    def ended(self) -> bool:
        return all(unit.exit_code() is not None for unit in self.units)

    def ask_to_end(self) -> None:
        """Send SIGTERM to all, once: a second one would make a worker stop at once."""
        if not self.asked:
            self.asked = True
            for unit in self.units:
                unit.ask_to_end()

    def end(self) -> None:
        """Stop it the way ECS does: SIGTERM to all, wait for each, then SIGKILL."""
        self.ask_to_end()
        for unit in self.units:
            unit.end()


class Machine:
    """One machine: its folder, its place in the cluster, and what runs on it."""

    def __init__(
        self, name: str, root: Path, agent: EcsAgent, start: Starter, each: int, say: Callable[[str], None]
    ) -> None:
        """``start`` starts one of the ``each`` parts that form an ECS container here."""
        self.name = name
        self.containers: list[Container] = []
        self._agent = agent
        self._start = start
        self._each = each
        self._say = say
        self._folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=str(root)))
        self._looks_since_end = _RESTART_AFTER_LOOKS
        self.container_instance = agent.register(name)

    def clear_away(self) -> None:
        """Remove the containers that ended, and report those that failed."""
        self._looks_since_end += 1
        for container in [one for one in self.containers if one.ended()]:
            for unit in container.units:
                if unit.exit_code():
                    self._say(f"A worker of {self.name} ended with {unit.exit_code()}:\n{unit.last_lines()}")
            self.end(container, "Essential container in task exited")
            self._looks_since_end = 0

    def may_start(self, most: int) -> bool:
        return len(self.containers) < most and self._looks_since_end > _RESTART_AFTER_LOOKS

    def start(self, task_definition: str, service_name: str, environment: dict[str, str]) -> None:
        """Start one container."""
        task_arn = self._agent.started(self.container_instance, task_definition, service_name)
        units = [
            self._start(self._folder, {**environment, "ECS_AGENT_URI": self._agent.address(task_arn, part)})
            for part in range(self._each)
        ]
        self.containers.append(Container(task_arn, units))

    def end(self, container: Container, reason: str) -> None:
        container.end()
        self.containers.remove(container)
        self._agent.ended(container.task_arn, reason)

    def stop(self) -> None:
        """Stop what runs on the machine, and remove its files."""
        for container in list(self.containers):
            self.end(container, "Host EC2 terminated")
        self._agent.deregister(self.container_instance)
        shutil.rmtree(str(self._folder), ignore_errors=True)


class Machines:
    """All machines of one app. They follow the emulated fleet and service in the background."""

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
        """``surroundings``: the environment in addition to the task definition. ``start`` starts one of the
        ``each`` parts that form an ECS container here; ``say`` reports those that fail.
        """
        self._aws = aws
        self._settings = settings
        self._root = root
        self._surroundings = surroundings
        self._start_one = start
        self._each = each
        self._say = say
        self._agent = EcsAgent(aws, settings.ecs_cluster)
        self._machines: dict[str, Machine] = {}
        self._follower = BackgroundLoop("machines", self._look, _POLL_SECONDS)

    def start(self) -> None:
        self._agent.start()
        self._follower.start()

    def look_now(self) -> None:
        """Look now, because fleet or service has changed."""
        self._follower.look_now()

    def stop(self) -> None:
        """Stop every machine, whatever the fleet's target."""
        self._follower.stop()
        self._end(list(self._machines))
        self._agent.stop()

    def follow_once(self) -> None:
        """Start and stop machines and containers to match fleet and service."""
        wanted = [
            instance
            for one in fleet.find_live(self._aws, self._settings.app_name)
            for instance in fleet.instance_ids(self._aws, one.id)
        ]
        self._end(set(self._machines) - set(wanted))
        there = service.find(self._aws, self._settings.ecs_cluster, self._settings.service_name)
        if not wanted or there is None:
            return
        for name in wanted:
            if name not in self._machines:
                self._machines[name] = Machine(
                    name, self._root, self._agent, self._start_one, self._each, self._say
                )
        self._place(int(there["desiredCount"]))

    def _end(self, names: Collection[str]) -> None:
        """Stop these machines: signal all, then wait for each."""
        for name in names:
            for container in self._machines[name].containers:
                container.ask_to_end()
        for name in names:
            self._machines.pop(name).stop()

    def _place(self, desired: int) -> None:
        """Start or stop containers until ``desired`` run; protected ones are spared."""
        draining = self._agent.draining()
        open_machines = []
        for machine in self._machines.values():
            machine.clear_away()
            if machine.container_instance not in draining:
                open_machines.append(machine)
                continue
            for container in self._unprotected(machine):
                machine.end(container, "Container instance is in DRAINING state")
        running = sum(len(machine.containers) for machine in self._machines.values())
        unprotected = [(one, container) for one in open_machines for container in self._unprotected(one)]
        ending = unprotected[: max(0, running - desired)]
        for _, container in ending:
            container.ask_to_end()
        for machine, container in ending:
            machine.end(container, "Scaling activity initiated by deployment")
        running -= len(ending)
        environment: dict[str, str] | None = None
        while running < desired:
            free = [one for one in open_machines if one.may_start(self._settings.tasks_per_machine)]
            if not free:
                return
            environment = environment or self._environment()
            least = min(free, key=lambda machine: len(machine.containers))
            least.start(self._settings.task_family, self._settings.service_name, environment)
            running += 1

    def _unprotected(self, machine: Machine) -> list[Container]:
        return [one for one in machine.containers if not self._agent.protected(one.task_arn)]

    def _environment(self) -> dict[str, str]:
        """A container's environment: that of its task definition plus ``surroundings``."""
        newest = task_definition.latest(self._aws, self._settings.task_family) or {"containerDefinitions": []}
        told = {
            variable["name"]: variable["value"]
            for container in newest["containerDefinitions"]
            for variable in container["environment"]
        }
        return {**told, **self._surroundings}

    def _look(self) -> float:
        self.follow_once()
        return _POLL_SECONDS
