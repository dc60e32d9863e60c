"""Kills workers, tools and machines at moments drawn from a seed, and remembers whose jobs that hit."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Callable

from tests.chaos.machine import Machine
from tests.chaos.processes import kill
from worker.process_table import children

WORKER, STOPPED, TOLD, TOOL, MACHINE, NOTICE = (
    "worker killed",
    "worker stopped for a while",
    "container told to stop",
    "tool killed",
    "machine lost",
    "spot notice",
)
ALL = (WORKER, STOPPED, TOLD, TOOL, MACHINE, NOTICE)


class Killer:
    """``kinds``: what it does, each as likely as the others; ``every``: seconds between two, on average.

    ``stands_still``: seconds that a stopped worker is kept from working. ``runs``: the file in which tools
    note which worker they ran for; ``settled``: the jobs whose messages are gone.
    """

    def __init__(
        self,
        machines: list[Machine],
        runs: Path,
        seed: int,
        kinds: tuple[str, ...],
        every: float,
        stands_still: float,
        settled: Callable[[], set[str]],
    ) -> None:
        self.done: Counter[str] = Counter()
        self._machines = machines
        self._runs = runs
        self._chance = random.Random(f"{seed} killer")
        self._kinds = kinds
        self._every = every
        self._stands_still = stands_still
        self._settled = settled
        self._next = time.monotonic() + every
        self._still: list[tuple[float, int]] = []
        self._struck: list[tuple[int, int, set[str]]] = []  # (worker, runs until then, settled until then)

    def look(self) -> None:
        """To be called again and again: does what is due."""
        now = time.monotonic()
        for until, worker in [one for one in self._still if one[0] <= now]:
            kill(worker, signal.SIGCONT)
            self._still.remove((until, worker))
        if now < self._next or not self._kinds:
            return
        self._next = now + self._chance.expovariate(1 / self._every)
        kind = self._chance.choice(self._kinds)
        victims = {worker: machine for machine in self._machines for worker in machine.workers()}
        if victims:
            worker = self._chance.choice(sorted(victims))
            if self._strike(kind, worker, victims[worker]):
                self.done[kind] += 1

    def wake_all(self) -> None:
        """Let whoever stands still go on."""
        for _, worker in self._still:
            kill(worker, signal.SIGCONT)
        self._still = []

    def _strike(self, kind: str, worker: int, machine: Machine) -> bool:
        """Returns whether there was somebody to strike."""
        acts: dict[str, Callable[[], None]] = {
            WORKER: lambda: kill(worker),
            TOLD: lambda: machine.end(),
            NOTICE: machine.is_taken_back,
            MACHINE: machine.die,
        }
        alone = kind in (WORKER, STOPPED, TOOL)
        at, settled = len(self._lines()), self._settled()
        self._struck += [(one, at, settled) for one in ([worker] if alone else machine.workers())]
        if kind == STOPPED:
            kill(worker, signal.SIGSTOP)
            self._still.append((time.monotonic() + self._stands_still, worker))
        elif kind == TOOL:
            tools = children(worker)
            if not tools:
                return False
            kill(min(tools), group=True)
        elif kind in (NOTICE, TOLD):
            threading.Thread(target=acts[kind], daemon=True).start()
        else:
            acts[kind]()
        return True

    def excused(self) -> set[str]:
        """The jobs that may have run again for it: those that a struck worker had run, or was about to, and
        whose messages were still there when it was struck.
        """
        lines = self._lines()
        found: set[str] = set()
        for worker, at, settled in self._struck:
            before = [job for job, ran_for in lines[:at] if ran_for == worker]
            about_to = [job for job, ran_for in lines[at:] if ran_for == worker][:1]
            found |= set(before + about_to) - settled
        return found

    def _lines(self) -> list[tuple[str, int]]:
        """(job, worker) of each run."""
        text = self._runs.read_text() if self._runs.exists() else ""
        return [(job, int(worker)) for job, worker in (line.split() for line in text.splitlines())]
