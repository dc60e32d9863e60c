"""The status of a run, from ledger lines, queue counts and the fleet's history. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterable, Mapping, Sequence

from ..outcomes.attempt_log import DONE, SKIPPED, Attempt, Summary
from ..run.monitor_file import MonitorFile

# Seconds over which the rate is measured.
RATE_SECONDS = 900.0


@dataclass(frozen=True)
class RunStatus:
    """One screen. Counts of jobs and machines; costs in dollars, None if no price is known.

    ``rate``: jobs done per hour, over the last quarter of an hour. ``seconds_left`` and ``to_come`` are None
    while nothing is done. ``troubles``: why nothing moves, in sentences.
    """

    app_name: str
    running_seconds: float
    waiting: int
    running: int
    done: int
    skipped: int
    failed: int
    dead: int
    rate: float
    seconds_left: float | None
    machines_wanted: int
    machines_there: int
    machines_busy: int
    interrupted: int
    spent: float | None
    to_come: float | None
    failures: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Seen:
    """What AWS showed. ``machine_seconds``: of all machines so far; ``price``: dollars per machine hour."""

    now: float
    waiting: int
    running: int
    dead: int
    wanted: int
    there: int
    busy: int
    machine_seconds: float
    price: float | None
    troubles: Sequence[str] = ()


def summarise_run(run: MonitorFile, seen: Seen, summary: Summary, recent_done: int) -> RunStatus:
    """The status. ``recent_done``: jobs done or skipped within RATE_SECONDS."""
    running_seconds = max(0.0, seen.now - run.start_time)
    per_second = recent_done / max(1.0, min(RATE_SECONDS, running_seconds))
    left = seen.waiting + seen.running
    seconds_left = (left / per_second if per_second else None) if left else 0.0
    spent = None if seen.price is None else seen.machine_seconds / 3600 * seen.price
    to_come = None
    if seen.price is not None and seconds_left is not None:
        to_come = seconds_left / 3600 * seen.there * seen.price
    return RunStatus(
        app_name=run.app_name,
        running_seconds=running_seconds,
        waiting=seen.waiting,
        running=seen.running,
        done=summary.done,
        skipped=summary.skipped,
        failed=summary.failed,
        dead=seen.dead,
        rate=per_second * 3600,
        seconds_left=seconds_left,
        machines_wanted=seen.wanted,
        machines_there=seen.there,
        machines_busy=seen.busy,
        interrupted=summary.interrupted,
        spent=spent,
        to_come=to_come,
        failures=list(summary.failures),
        troubles=list(seen.troubles),
    )


def recently_done(attempts: Iterable[Attempt], now: float) -> int:
    """How many attempts succeeded within the last RATE_SECONDS."""
    return sum(one.outcome in (DONE, SKIPPED) and now - one.end <= RATE_SECONDS for one in attempts)


def instance_seconds(spans: Mapping[str, tuple[float, float | None]], now: float) -> float:
    """The total of {machine: (launched, ended or None)}."""
    return sum((now if ended is None else ended) - launched for launched, ended in spans.values())


def status_lines(seen: RunStatus) -> list[str]:
    """The status as lines of text."""
    shown = [
        f"{seen.app_name}, running for {duration(seen.running_seconds)}",
        f"  jobs      {seen.waiting:,} waiting, {seen.running:,} running, {seen.done:,} done, "
        f"{seen.skipped:,} skipped, {seen.failed:,} failed so far, {seen.dead:,} in the dead-letter queue",
        f"  rate      {seen.rate:,.0f} jobs an hour"
        + (f", about {duration(seen.seconds_left)} to go" if seen.seconds_left else ""),
        f"  machines  {seen.machines_wanted:,} wanted, {seen.machines_there:,} there, "
        f"{seen.machines_busy:,} busy; {seen.interrupted:,} jobs interrupted so far",
    ]
    if seen.spent is not None:
        to_come = "" if seen.to_come is None else f", about ${seen.to_come:,.2f} to come"
        shown.append(f"  money     ${seen.spent:,.2f} so far at today's spot prices{to_come}")
    shown += [f"  failed:   {failure}" for failure in seen.failures]
    shown += [f"  trouble:  {trouble}" for trouble in seen.troubles]
    return shown


def duration(seconds: float) -> str:
    """'2 h 05 min', '12 min', '40 s'."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
