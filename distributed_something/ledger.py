"""The outcome of every job attempt, as the workers wrote it: one JSON line each in LOG_GROUP_NAME_jobs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Iterable, Iterator

DONE = "SUCCESS"
SKIPPED = "ALREADY_DONE"
INTERRUPTED = "INTERRUPTED"
FAILED_FOR_GOOD = ("TOOL_FAILED", "TIMEOUT", "INPUT_PROBLEM", "OUTPUT_PROBLEM")
OUTCOMES = (DONE, SKIPPED, *FAILED_FOR_GOOD, INTERRUPTED)


@dataclass(frozen=True)
class Attempt:
    """One attempt of one job. ``number`` counts from 1; ``reason`` is '' for a success.

    ``retry_of``: the id of the dead message that retryFailed has sent again.
    """

    job: str
    number: int
    outcome: str
    reason: str
    retry_of: str = ""


@dataclass(frozen=True)
class Summary:
    """A run in figures. Each job counts once, by the best of its attempts.

    ``failures``: for some of the failed jobs, 'name: reason of the last attempt'.
    """

    done: int
    skipped: int
    failed: int
    attempts: int
    interrupted: int
    failures: list[str]


def attempts(lines: Iterable[str]) -> Iterator[Attempt]:
    """The attempts in these lines; a line that is none is passed over."""
    for line in lines:
        try:
            entry: dict[str, Any] = json.loads(line)
            attempt = Attempt(
                job=str(entry["job"]),
                number=int(entry.get("attempt", 1)),
                outcome=str(entry["outcome"]),
                reason=str(entry.get("reason") or ""),
                retry_of=str(entry.get("retry_of") or ""),
            )
        except (ValueError, TypeError, KeyError):
            continue
        if attempt.outcome in OUTCOMES:
            yield attempt


def summarise(found: Iterable[Attempt], most_failures: int = 10) -> Summary:
    """Count jobs by their best attempt: done beats skipped beats failed.

    A job that was only interrupted is not finished, so it counts as neither.
    """
    count = interrupted = 0
    best: dict[str, Attempt] = {}
    for attempt in found:
        count += 1
        interrupted += attempt.outcome == INTERRUPTED
        before = best.get(attempt.job)
        if before is None or _rank(attempt) >= _rank(before):
            best[attempt.job] = attempt
    outcomes = [attempt.outcome for attempt in best.values()]
    failed = [one for one in best.values() if one.outcome not in (DONE, SKIPPED, INTERRUPTED)]
    return Summary(
        done=outcomes.count(DONE),
        skipped=outcomes.count(SKIPPED),
        failed=len(failed),
        attempts=count,
        interrupted=interrupted,
        failures=[f"{one.job}: {one.reason}" for one in failed[:most_failures]],
    )


def _rank(attempt: Attempt) -> int:
    if attempt.outcome == DONE:
        return 3
    if attempt.outcome == SKIPPED:
        return 2
    return 0 if attempt.outcome == INTERRUPTED else 1
