"""The monitor's decisions, from counts and fleet. Pure: it neither calls AWS nor reads a clock.

SQS counts are approximate and may be a minute old
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html), so a zero
is trusted only after several readings in a row over more than a minute. The same patience keeps a fleet that
AWS does not show yet from being treated as ended, and a single low reading from shrinking the fleet.
scale_in.py chooses the machines to terminate.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from enum import Enum
from typing import Any

# Cheapest mode: after so long the fleet replaces no machine any more.
CHEAPEST_AFTER_SECONDS = 15 * 60.0


@dataclass(frozen=True)
class Patience:
    """When a zero, or a missing fleet, is trusted: ``readings`` in a row, over at least ``seconds``."""

    readings: int = 4
    seconds: float = 75.0


@dataclass(frozen=True)
class Capacity:
    """What the run was started with: the most machines, and the jobs per machine.

    ``machines`` 0: unknown (a monitor file of the classic toolkit), so the fleet never grows again.
    """

    machines: int = 0
    jobs_each: int = 1


@dataclass(frozen=True)
class Observation:
    """What AWS showed at one moment.

    ``now``: seconds since 1970. ``waiting``: visible and delayed messages. ``target``: machines that the
    fleet maintains, None without a live fleet. ``queue_exists`` is False after a teardown.
    """

    now: float
    waiting: int
    in_flight: int
    target: int | None
    queue_exists: bool = True


@dataclass(frozen=True)
class Streak:
    """How often, and since when, the same reading was seen in a row."""

    since: float | None = None
    readings: int = 0

    def extended(self, now: float) -> Streak:
        return Streak(now if self.since is None else self.since, self.readings + 1)

    def believed(self, now: float, patience: Patience) -> bool:
        since = now if self.since is None else self.since
        return self.readings >= patience.readings and now - since >= patience.seconds


@dataclass(frozen=True)
class MonitorState:
    """What is remembered between observations; plain values, so that it can be saved."""

    started: float
    zero: Streak = Streak()
    no_fleet: Streak = Streak()
    recent: tuple[tuple[float, int], ...] = ()  # (time, jobs left) of the readings that still count
    draining: bool = False  # whether machines were told to take no containers any more
    alarms_swept: float | None = None  # when the alarms of machines that are gone were last removed

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> MonitorState:
        streaks = {name: Streak(**document[name]) for name in ("zero", "no_fleet")}
        recent = tuple((float(when), int(jobs)) for when, jobs in document["recent"])
        return cls(**{**document, **streaks, "recent": recent})


class Action(Enum):
    WAIT = "wait"
    RESIZE = "resize"
    FINISH = "finish"
    STRANDED = "stranded"  # jobs are left, but the fleet has ended: nobody will do them


@dataclass(frozen=True)
class Decision:
    """What to do now, and why.

    ``target``: the fleet's new number of machines, for RESIZE. ``needed``: machines that are enough for the
    remaining jobs, None if not known.
    """

    action: Action
    why: str
    target: int | None = None
    needed: int | None = None


def decide(
    seen: Observation,
    state: MonitorState,
    cheapest: bool = False,
    patience: Patience = Patience(),
    capacity: Capacity = Capacity(),
) -> tuple[Decision, MonitorState]:
    """The decision after this observation, and the state for the next one."""
    if not seen.queue_exists:
        return Decision(Action.FINISH, "the queue is gone already"), state

    left = seen.waiting + seen.in_flight
    state = replace(
        state,
        zero=Streak() if left else state.zero.extended(seen.now),
        no_fleet=state.no_fleet.extended(seen.now) if seen.target is None else Streak(),
        recent=_still_counting((*state.recent, (seen.now, left)), seen.now, patience),
    )
    if left == 0:
        if state.zero.believed(seen.now, patience):
            return Decision(Action.FINISH, "the queue is empty"), state
        return Decision(Action.WAIT, "the queue looks empty; making sure"), state
    if seen.target is None:
        if state.no_fleet.believed(seen.now, patience):
            return Decision(Action.STRANDED, "the fleet has ended before the jobs were done"), state
        return Decision(Action.WAIT, "AWS shows no fleet; making sure"), state

    needed = _needed(state.recent, seen.now, patience, capacity)
    target = _wanted_target(seen, state, cheapest, needed, capacity)
    if target != seen.target:
        why = f"{target} machine{'s are' if target > 1 else ' is'} enough for the jobs that are left"
        if target > seen.target:
            why = f"{target} machines for the jobs that came"
        return Decision(Action.RESIZE, why, target, needed), state
    return Decision(Action.WAIT, "jobs are left", needed=needed), state


def _still_counting(
    readings: tuple[tuple[float, int], ...], now: float, patience: Patience
) -> tuple[tuple[float, int], ...]:
    """The readings that count: as many, and over as long, as ``patience`` requires."""
    young = [one for one in readings if now - one[0] <= patience.seconds]
    return readings[-max(len(young), patience.readings) :]


def _needed(
    recent: tuple[tuple[float, int], ...], now: float, patience: Patience, capacity: Capacity
) -> int | None:
    """Machines for the highest recent reading; None before there are enough readings."""
    if len(recent) < patience.readings or now - recent[0][0] < patience.seconds:
        return None
    return math.ceil(max(jobs for _, jobs in recent) / capacity.jobs_each)


def _wanted_target(
    seen: Observation, state: MonitorState, cheapest: bool, needed: int | None, capacity: Capacity
) -> int:
    """The number of machines that the fleet should maintain; running ones stay either way."""
    target = seen.target or 0
    if cheapest and seen.now - state.started >= CHEAPEST_AFTER_SECONDS:
        return min(target, 1)
    if needed is None:
        return target
    return min(needed, capacity.machines or target)
