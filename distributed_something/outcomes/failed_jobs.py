"""The dead-letter queue's jobs of one app: which messages are its own, their jobs, why they failed. Pure.

The queue is shared: messages of other apps, and those that are not jobs, are left alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Iterable, Mapping

from worker.protocol.placeholders import PlaceholderError, job_name

from ..aws.queue import Message
from .attempt_log import FAILED_FOR_GOOD, Attempt


@dataclass(frozen=True)
class FailedJob:
    """One failed job. ``attempts`` is 0 and ``reason`` '' if it is no longer in the ledger."""

    message: Message
    name: str
    attempts: int
    reason: str

    @property
    def document(self) -> dict[str, Any]:
        """The message's body, with the shared keys and "group"."""
        return dict(json.loads(self.message.body))


@dataclass(frozen=True)
class SortedMessages:
    """The queue's messages, sorted: this app's jobs, other apps' messages, and those that are not jobs."""

    jobs: list[FailedJob]
    others: list[Message]
    unreadable: list[Message]


def sort_messages(
    messages: Iterable[Message], app_name: str, name_template: str, attempts: Iterable[Attempt]
) -> SortedMessages:
    """Sort the messages. One without an app's name is ours if its job failed according to the ledger."""
    last: dict[str, Attempt] = {}
    for one in attempts:
        if one.outcome in FAILED_FOR_GOOD and (one.job not in last or one.number >= last[one.job].number):
            last[one.job] = one
    found = SortedMessages([], [], [])
    for message in messages:
        if message.app_name not in ("", app_name):
            found.others.append(message)
            continue
        name = job_name_of(message.body, name_template)
        if name is None:
            found.unreadable.append(message)
        elif message.app_name or name in last:
            known = last.get(name)
            found.jobs.append(
                FailedJob(message, name, known.number if known else 0, known.reason if known else "")
            )
        else:
            found.others.append(message)
    found.jobs.sort(key=lambda job: job.name)
    return found


def job_name_of(body: str, name_template: str) -> str | None:
    """The name of the job in the body; None if it is not a job."""
    try:
        message = json.loads(body)
        if not isinstance(message["group"], dict):
            return None
        return job_name(name_template, message)
    except (ValueError, TypeError, KeyError, RecursionError, PlaceholderError):
        return None


def job_files(jobs: Iterable[FailedJob]) -> list[Mapping[str, Any]]:
    """The jobs as job files for submitJob, one for each set of shared keys."""
    files: dict[str, dict[str, Any]] = {}
    for job in jobs:
        shared = job.document
        group = shared.pop("group")
        made = files.setdefault(json.dumps(shared, sort_keys=True), {**shared, "groups": []})
        made["groups"].append(group)
    return list(files.values())
