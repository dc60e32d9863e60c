"""What the end of a run costs: machine-seconds paid for over those in which a machine had a job.

    python tests/benchmarks/tail.py [--seeds 20]

50 machines, 500 jobs of mixed length, in simulated time, with the monitor's own code (monitor/)
and with the rule of the classic toolkit in its place: fleet target = jobs in flight every ten minutes, and an
alarm that ends a machine after 15 idle minutes. Counts of SQS lag by a minute; an empty long poll takes 20 s;
ECS needs half a minute to stop a container, EC2 as long to end a machine; a machine starts in two minutes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from distributed_something.aws.container_instances import ContainerInstance
from distributed_something.monitor.scale_in import plan_scale_in
from distributed_something.monitor.scaling_policy import (
    Action,
    Capacity,
    MonitorState,
    Observation,
    Patience,
    decide,
)

MACHINES, JOBS = 50, 500
TICK = 5.0
POLL, STOP, LAG, BOOT = 20.0, 30.0, 60.0, 120.0
IDLE_ALARM = 15 * 60.0
KINDS = ("alike", "mixed", "a few long")
CLASSIC_RESIZE = 10 * 60.0


@dataclass
class Machine:
    """``slots``: when each ends its job, 0 while it is idle. Times in seconds since the start."""

    number: int
    slots: list[float]
    ready: float = 0.0
    idle_since: float = 0.0
    draining_since: float | None = None
    useful: float = 0.0
    ended: float | None = None


@dataclass
class Run:
    """A run in simulated time. ``waiting``: lengths of the jobs nobody has taken."""

    rule: str
    waiting: list[float]
    slots: int
    now: float = 0.0
    machines: list[Machine] = field(default_factory=list)
    target: int = MACHINES
    history: list[tuple[float, int, int]] = field(default_factory=list)
    state: MonitorState = MonitorState(started=0.0)
    last_resize: float = 0.0

    def alive(self) -> list[Machine]:
        return [one for one in self.machines if one.ended is None]

    def in_flight(self) -> int:
        return sum(bool(end) for one in self.alive() for end in one.slots)

    def seen(self) -> tuple[int, int]:
        """(waiting, in flight) as SQS shows them: as old as the lag."""
        old = [one for one in self.history if one[0] <= self.now - LAG] or self.history[:1]
        return old[-1][1], old[-1][2]

    def play(self) -> tuple[float, float]:
        """Returns (machine-seconds paid for, machine-seconds with at least one job)."""
        while True:
            while len(self.alive()) < self.target and (self.waiting or self.in_flight()):
                self.machines.append(Machine(len(self.machines), [0.0] * self.slots, self.now + BOOT))
            for machine in self.alive():
                self.work(machine)
            self.history.append((self.now, len(self.waiting), self.in_flight()))
            if self.now % 60 == 0 and self.monitor():
                for machine in self.alive():
                    machine.ended = self.now + STOP
                break
            self.now += TICK
        paid = sum((one.ended or self.now) for one in self.machines) - sum(
            one.ready - BOOT for one in self.machines
        )
        return paid, sum(one.useful for one in self.machines)

    def work(self, machine: Machine) -> None:
        if machine.ready > self.now:
            machine.idle_since = self.now
            return
        machine.slots = [0.0 if end <= self.now else end for end in machine.slots]
        for slot, end in enumerate(machine.slots):
            if not end and self.waiting and machine.draining_since is None:
                machine.slots[slot] = self.now + self.waiting.pop()
        if any(machine.slots):
            machine.useful += TICK
            machine.idle_since = self.now

    def monitor(self) -> bool:
        """One look. Returns whether the run is over."""
        return self.ours() if self.rule == "ours" else self.classic()

    def ours(self) -> bool:
        waiting, in_flight = self.seen()
        decision, self.state = decide(
            Observation(self.now, waiting, in_flight, self.target),
            self.state,
            patience=Patience(),
            capacity=Capacity(MACHINES, self.slots),
        )
        if decision.action is Action.FINISH:
            return True
        before, self.target = self.target, decision.target or self.target
        alive = self.alive()
        needed = MACHINES if decision.needed is None else min(decision.needed, MACHINES)
        todo = (
            plan_scale_in([self.host(one) for one in alive], needed, in_flight)
            if len(alive) > needed
            else None
        )
        if todo:
            for machine in alive:
                if f"arn-{machine.number}" in todo.drain:
                    machine.draining_since = self.now
                elif f"arn-{machine.number}" in todo.reopen:
                    machine.draining_since = None
            if before <= len(alive) - len(todo.terminate):
                for machine in alive:
                    if f"i-{machine.number}" in todo.terminate:
                        machine.ended = self.now + STOP
        return False

    def host(self, machine: Machine) -> ContainerInstance:
        """As ECS shows it: protection ends with a poll that found nothing, a container some time after."""
        working = self.now - machine.idle_since <= POLL
        stopped = machine.draining_since is not None and self.now - machine.draining_since >= STOP
        return ContainerInstance(
            f"i-{machine.number}",
            f"arn-{machine.number}",
            0 if stopped else 1,
            int(working and not stopped),
            machine.draining_since is not None,
        )

    def classic(self) -> bool:
        waiting, in_flight = self.seen()
        if waiting + in_flight == 0:
            return True
        if waiting == 0 and self.now - self.last_resize >= CLASSIC_RESIZE:
            self.target, self.last_resize = min(self.target, in_flight), self.now
        for machine in self.alive():
            if self.now - machine.idle_since >= IDLE_ALARM:
                machine.ended = self.now
        return False


def lengths(kind: str, chance: random.Random) -> list[float]:
    """Seconds of each job: from alike to a few very long ones."""
    if kind == "alike":
        return [chance.uniform(900, 1500) for _ in range(JOBS)]
    if kind == "mixed":
        return [chance.lognormvariate(7.0, 0.8) for _ in range(JOBS)]  # median 18 minutes, a tenth over 51
    short = [chance.uniform(300, 900) for _ in range(JOBS - 5)]
    long_ones = short + [chance.uniform(3, 5) * 3600 for _ in range(5)]
    chance.shuffle(long_ones)
    return long_ones


def ratios(rule: str, kind: str, slots: int, seeds: int) -> list[float]:
    """Paid over useful machine-seconds, one value a run."""
    found = []
    for seed in range(seeds):
        jobs = lengths(kind, random.Random(seed))  # noqa: S311 - a simulation
        paid, useful = Run(rule, jobs, slots).play()
        found.append(paid / useful)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    seeds = parser.parse_args().seeds
    print(f"{MACHINES} machines, {JOBS} jobs, {seeds} runs each; paid / useful machine-seconds")
    print(f"{'':<22}{'ours':^24}{'classic rule':^24}")
    print(f"{'jobs':<12}{'at a time':>10}" + f"{'median':>10}{'min':>7}{'max':>7}" * 2)
    for kind in KINDS:
        for slots in (1, 4):
            cells = [ratios(rule, kind, slots, seeds) for rule in ("ours", "classic")]
            figures = "".join(
                f"{statistics.median(cell):>10.3f}{min(cell):>7.3f}{max(cell):>7.3f}" for cell in cells
            )
            print(f"{kind:<12}{slots:>10}{figures}")


if __name__ == "__main__":
    main()
