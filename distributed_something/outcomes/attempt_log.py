"""The outcome of every job attempt, written by the workers as JSON lines to LOG_GROUP_NAME_jobs."""

from __future__ import annotations

import calendar
import json
import time
from dataclasses import dataclass
from typing import Any, Iterable, Iterator

from worker.protocol.ledger_line import FEWER_FILES, NO_FILES

from ..terminal.sanitize import one_line

DONE = "SUCCESS"
SKIPPED = "ALREADY_DONE"
INTERRUPTED = "INTERRUPTED"
FAILED_FOR_GOOD = ("TOOL_FAILED", "TIMEOUT", "INPUT_PROBLEM", "OUTPUT_PROBLEM")
OUTCOMES = (DONE, SKIPPED, *FAILED_FOR_GOOD, INTERRUPTED)


@dataclass(frozen=True)
class Attempt:
    """One attempt of one job. ``number`` counts from 1; ``reason`` is '' for a success.

    ``retry_of``: the id of the dead-lettered message that retryFailed sent again. ``start``, ``end``: seconds
    since 1970, 0 if missing in the line. ``warning``: NO_FILES, FEWER_FILES, or '' for none.
    """

    job: str
    number: int
    outcome: str
    reason: str
    retry_of: str = ""
    start: float = 0.0
    end: float = 0.0
    download_seconds: float = 0.0
    tool_seconds: float = 0.0
    upload_seconds: float = 0.0
    instance: str = ""
    warning: str = ""


@dataclass(frozen=True)
class Summary:
    """The summary of a run. Each job counts once, by its best attempt.

    ``failures``: for some of the failed jobs, 'name: reason of the last attempt'. ``empty``: jobs done that
    left no file although one was expected; ``fewer``: jobs done that left fewer than expected.
    """

    done: int
    skipped: int
    failed: int
    attempts: int
    interrupted: int
    failures: list[str]
    empty: int = 0
    fewer: int = 0

    @property
    def all_well(self) -> bool:
        """Whether no job failed, and none that is done left nothing."""
        return not self.failed and not self.empty


def attempts(lines: Iterable[str]) -> Iterator[Attempt]:
    """The attempts in these lines; other lines are skipped."""
    for line in lines:
        try:
            entry: dict[str, Any] = json.loads(line)
            attempt = Attempt(
                job=str(entry["job"]),
                number=int(entry.get("attempt", 1)),
                outcome=str(entry["outcome"]),
                reason=str(entry.get("reason") or ""),
                retry_of=str(entry.get("retry_of") or ""),
                start=_moment(entry.get("start")),
                end=_moment(entry.get("end")),
                download_seconds=float(entry.get("download_seconds") or 0),
                tool_seconds=float(entry.get("tool_seconds") or 0),
                upload_seconds=float(entry.get("upload_seconds") or 0),
                instance=str(entry.get("instance") or ""),
                warning=str(entry.get("warning") or ""),
            )
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            continue
        if attempt.outcome in OUTCOMES:
            yield attempt


def summarise(found: Iterable[Attempt], most_failures: int = 10) -> Summary:
    """Count jobs by their best attempt: done beats skipped beats failed.

    A job that was only interrupted is not finished and counts as none of these.
    """
    every = list(found)
    best = best_attempts(every)
    outcomes = [attempt.outcome for attempt in best]
    failed = [one for one in best if one.outcome in FAILED_FOR_GOOD]
    return Summary(
        done=outcomes.count(DONE),
        skipped=outcomes.count(SKIPPED),
        failed=len(failed),
        attempts=len(every),
        interrupted=sum(attempt.outcome == INTERRUPTED for attempt in every),
        failures=[one_line(f"{one.job}: {one.reason}") for one in failed[:most_failures]],
        empty=sum(one.outcome == DONE and one.warning == NO_FILES for one in best),
        fewer=sum(one.outcome == DONE and one.warning == FEWER_FILES for one in best),
    )


def best_attempts(found: Iterable[Attempt]) -> list[Attempt]:
    """The best attempt of each job; the last one among equals."""
    best: dict[str, Attempt] = {}
    for attempt in found:
        before = best.get(attempt.job)
        if before is None or _rank(attempt) >= _rank(before):
            best[attempt.job] = attempt
    return list(best.values())


def _rank(attempt: Attempt) -> int:
    if attempt.outcome == DONE:
        return 3
    if attempt.outcome == SKIPPED:
        return 2
    return 0 if attempt.outcome == INTERRUPTED else 1


def _moment(text: Any) -> float:
    """'2026-11-23T20:00:00.000Z' as seconds since 1970; 0 if it is not a time."""
    try:
        whole, fraction = text[:19], text[19:].rstrip("Z") or "0"
        return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float(fraction)
    except (TypeError, ValueError, AttributeError):
        return 0.0
