"""The monitor's judgement: counts and fleet in, decision out. Pure: it neither asks AWS nor looks at a clock.

SQS counts are approximate and may be a minute old
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html), so a zero
is believed only after several readings in a row over more than a minute. The same patience keeps a fleet that
AWS does not show yet from being taken for one that has ended.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import Enum
from typing import Any

# Cheapest mode: after so long the fleet replaces no machine any more.
CHEAPEST_AFTER_SECONDS = 15 * 60.0
# How often the fleet's target follows the jobs in flight once nothing is waiting.
RESIZE_EVERY_SECONDS = 10 * 60.0


@dataclass(frozen=True)
class Patience:
    """When a zero, or a missing fleet, is believed: ``readings`` in a row, over at least ``seconds``."""

    readings: int = 4
    seconds: float = 75.0


@dataclass(frozen=True)
class Observation:
    """What AWS showed at one moment.

    ``now``: seconds since 1970. ``waiting``: visible and delayed messages. ``target``: machines that the
    fleet keeps up, None when there is no live fleet. ``queue_exists`` is False once teardown removed it.
    """

    now: float
    waiting: int
    in_flight: int
    target: int | None
    queue_exists: bool = True


@dataclass(frozen=True)
class Streak:
    """The same reading several times in a row: since when, and how often."""

    since: float | None = None
    readings: int = 0

    def extended(self, now: float) -> Streak:
        return Streak(now if self.since is None else self.since, self.readings + 1)

    def believed(self, now: float, patience: Patience) -> bool:
        since = now if self.since is None else self.since
        return self.readings >= patience.readings and now - since >= patience.seconds


@dataclass(frozen=True)
class Memory:
    """What the judgement remembers from one observation to the next; plain values, so it can be saved."""

    started: float
    zero: Streak = Streak()
    no_fleet: Streak = Streak()
    last_resize: float | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Memory:
        streaks = {name: Streak(**document[name]) for name in ("zero", "no_fleet")}
        return cls(**{**document, **streaks})


class Action(Enum):
    WAIT = "wait"
    RESIZE = "resize"
    FINISH = "finish"
    STRANDED = "stranded"  # jobs are left, but the fleet has ended: nobody will do them


@dataclass(frozen=True)
class Decision:
    """What to do now, and why, in words. ``target``: the fleet's new number of machines, for RESIZE."""

    action: Action
    why: str
    target: int | None = None


def decide(
    seen: Observation, memory: Memory, cheapest: bool = False, patience: Patience = Patience()
) -> tuple[Decision, Memory]:
    """What to do after this observation, and what to remember for the next one."""
    if not seen.queue_exists:
        return Decision(Action.FINISH, "the queue is gone already"), memory

    empty = seen.waiting + seen.in_flight == 0
    memory = replace(
        memory,
        zero=memory.zero.extended(seen.now) if empty else Streak(),
        no_fleet=memory.no_fleet.extended(seen.now) if seen.target is None else Streak(),
    )
    if empty:
        if memory.zero.believed(seen.now, patience):
            return Decision(Action.FINISH, "the queue is empty"), memory
        return Decision(Action.WAIT, "the queue looks empty; making sure"), memory
    if seen.target is None:
        if memory.no_fleet.believed(seen.now, patience):
            return Decision(Action.STRANDED, "the fleet has ended before the jobs were done"), memory
        return Decision(Action.WAIT, "AWS shows no fleet; making sure"), memory

    target = _wanted_target(seen, memory, cheapest)
    if target < seen.target:
        return (
            Decision(Action.RESIZE, f"{target} machines are enough from now on", target),
            replace(memory, last_resize=seen.now),
        )
    return Decision(Action.WAIT, "jobs are left"), memory


def _wanted_target(seen: Observation, memory: Memory, cheapest: bool) -> int:
    """How many machines the fleet should keep up; never more than it does. Running ones stay either way."""
    target = seen.target or 0
    if cheapest and seen.now - memory.started >= CHEAPEST_AFTER_SECONDS:
        return min(target, 1)
    since = memory.started if memory.last_resize is None else memory.last_resize
    if seen.waiting == 0 and seen.now - since >= RESIZE_EVERY_SECONDS:
        return min(target, seen.in_flight)
    return target
