"""Computes the figures of the report from attempts and machines: sums, bins, percentiles. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Mapping, Sequence

from ..outcomes.attempt_log import DONE, INTERRUPTED, SKIPPED, Attempt, Summary

Spans = Mapping[str, "tuple[float, float | None]"]
# The least and the most columns of a picture.
_FEWEST, _MOST = 20, 120


@dataclass(frozen=True)
class Health:
    """One health line of a machine: seconds since 1970, percentages."""

    when: float
    memory: float
    disk: float


@dataclass(frozen=True)
class RunFigures:
    """All data of the report. ``price``: dollars per machine hour, None if not known."""

    app_name: str
    started: float
    attempts: Sequence[Attempt]
    summary: Summary
    spans: Spans
    health: Sequence[Health]
    price: float | None
    documents: Mapping[str, str]

    @property
    def ended(self) -> float:
        return max([one.end for one in self.attempts], default=self.started)

    @property
    def columns(self) -> int:
        """The number of columns that the run's time is divided into."""
        return max(_FEWEST, min(_MOST, len(self.attempts) // 4))

    @property
    def machine_hours(self) -> float:
        return sum((end or self.ended) - begin for begin, end in self.spans.values()) / 3600


def spans_of(attempts: Sequence[Attempt]) -> dict[str, tuple[float, float | None]]:
    """When each machine worked, from its attempts: for runs whose fleet history has expired."""
    found: dict[str, tuple[float, float | None]] = {}
    for one in attempts:
        if one.instance and one.end:
            begin, end = found.get(one.instance, (one.start, one.end))
            found[one.instance] = (min(begin, one.start), max(end or 0.0, one.end))
    return found


def edges(run: RunFigures) -> list[float]:
    """The times between the columns, from the run's start to its end; never all equal."""
    width = max(run.ended - run.started, 1.0) / run.columns
    return [run.started + column * width for column in range(run.columns + 1)]


def ended_per_column(run: RunFigures) -> dict[str, list[int]]:
    """{done, failed attempts, interrupted: how many ended in each column}."""
    marks = edges(run)
    width = marks[1] - marks[0]
    found = {name: [0] * run.columns for name in ("done", "failed", "interrupted")}
    for one in run.attempts:
        if not one.end:
            continue
        column = min(run.columns - 1, max(0, int((one.end - run.started) / width)))
        kind = {DONE: "done", SKIPPED: "done", INTERRUPTED: "interrupted"}.get(one.outcome, "failed")
        found[kind][column] += 1
    return found


def machines_per_column(run: RunFigures) -> list[int]:
    """The number of machines in the middle of each column."""
    marks = edges(run)
    middles = [(begin + end) / 2 for begin, end in zip(marks, marks[1:])]
    return [
        sum(begin <= moment and (end is None or moment <= end) for begin, end in run.spans.values())
        for moment in middles
    ]


def stages(run: RunFigures) -> dict[str, list[float]]:
    """{download, tool, upload: seconds of every successful attempt}."""
    done = [one for one in run.attempts if one.outcome == DONE]
    return {
        "download": [one.download_seconds for one in done],
        "tool": [one.tool_seconds for one in done],
        "upload": [one.upload_seconds for one in done],
    }


def attempts_per_job(run: RunFigures) -> dict[int, int]:
    """{attempts: number of jobs that needed as many}."""
    each = Counter(one.job for one in run.attempts)
    return dict(sorted(Counter(each.values()).items()))


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that ``percent`` of the values do not exceed; 0 if there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


def reasons(failures: Sequence[Attempt], most: int) -> list[tuple[str, int, list[str]]]:
    """(reason, number of jobs, some of their names), the most frequent first."""
    found: dict[str, list[str]] = {}
    for one in failures:
        found.setdefault(one.reason or one.outcome, []).append(one.job)
    ordered = sorted(found.items(), key=lambda entry: -len(entry[1]))
    return [(reason, len(names), names[:5]) for reason, names in ordered[:most]]
