"""Reads the dead-letter queue, returns its messages, and sends jobs again: none lost, none twice."""

from __future__ import annotations

import json
from typing import Any, Callable

from ..aws import bucket, logs, queue
from ..aws.queue import Message
from ..aws.session import Aws
from ..config.settings import Settings
from ..errors import UserError
from . import attempt_log, failed_jobs
from .failed_jobs import FailedJob, SortedMessages

# Seconds for which read messages are hidden from others: enough to read a full queue.
HIDE_SECONDS = 300
# Empty answers in a row before the queue counts as read: one answer comes from only some of SQS's servers.
_EMPTY_ANSWERS = 2
_AT_ONCE = 10
_LEDGER_DELAY = 60.0
_CLOCKS_DIFFER = 3600.0


class DeadLetterQueue:
    """The dead-letter queue, read within a ``with`` block; what is left then becomes visible again.

    Raises UserError if the queue does not exist.
    """

    def __init__(
        self, aws: Aws, settings: Settings, read: Callable[[int], None] = lambda count: None
    ) -> None:
        self._aws = aws
        self._settings = settings
        self._read = read
        self._held: dict[str, Message] = {}
        url = queue.find_url(aws, settings.sqs_dead_letter_queue)
        if url is None:
            raise UserError(
                f"There is no dead-letter queue {settings.sqs_dead_letter_queue}: no job has failed for "
                "good, or its messages were older than 14 days"
            )
        self._url = url

    def __enter__(self) -> SortedMessages:
        """The messages, sorted, each once."""
        empty = 0
        try:
            while empty < _EMPTY_ANSWERS:
                some = queue.receive(self._aws, self._url, HIDE_SECONDS)
                empty = empty + 1 if not some else 0
                self._held.update({one.id: one for one in some})
                self._read(len(self._held))
        except BaseException:
            self.__exit__()
            raise
        since = min((one.sent for one in self._held.values()), default=0.0)
        lines = logs.events(self._aws, self._settings.ledger_log_group, since) if self._held else iter(())
        return failed_jobs.sort_messages(
            self._held.values(), self._settings.app_name, self._settings.job_name, attempt_log.attempts(lines)
        )

    def __exit__(self, *error: object) -> None:
        queue.give_back(self._aws, self._url, list(self._held.values()))

    def remove(self, jobs: list[FailedJob]) -> None:
        """Delete these from the queue."""
        messages = [job.message for job in jobs]
        kept = {one.id for one in queue.delete_messages(self._aws, self._url, messages)}
        for message in messages:
            if message.id not in kept:
                self._held.pop(message.id, None)


class Redrive:
    """Sends dead-lettered jobs to the job queue again.

    In tens: recorded in the ledger, sent, deleted. What an interruption left in between is looked up in the
    job queue before anything is sent again.
    """

    def __init__(
        self, aws: Aws, settings: Settings, dead_letters: DeadLetterQueue, job_queue_url: str
    ) -> None:
        self._aws = aws
        self._settings = settings
        self._dead_letters = dead_letters
        self._url = job_queue_url
        self._key = f"monitors/{settings.app_name}Retry.json"

    def in_doubt(self, jobs: list[FailedJob]) -> tuple[list[FailedJob], list[FailedJob]]:
        """(sent, unknown) of an earlier, interrupted attempt; a worker may have the unknown ones."""
        text = bucket.get_text(self._aws, self._settings.aws_bucket, self._key)
        noted: dict[str, Any] = json.loads(text) if text else {"ids": [], "when": 0.0}
        doubtful = [job for job in jobs if job.message.id in noted["ids"]]
        if not doubtful:
            return [], []
        # A ledger line can be read only some seconds after it was written.
        self._aws.clock.sleep(max(0.0, noted["when"] + _LEDGER_DELAY - self._aws.clock.now()))
        held = queue.get_counts(self._aws, self._url)
        lines = logs.events(self._aws, self._settings.ledger_log_group, noted["when"] - _CLOCKS_DIFFER)
        seen = self._waiting() | {one.retry_of for one in attempt_log.attempts(lines)}
        sent = [job for job in doubtful if job.message.id in seen]
        left = [job for job in doubtful if job.message.id not in seen]
        return sent, left if held and held.in_flight else []

    def send(self, jobs: list[FailedJob], sent: Callable[[int], None] = lambda count: None) -> int:
        """Send them and remove them here. Returns how many; the others stay in this queue."""
        done = 0
        for at in range(0, len(jobs), _AT_ONCE):
            some = jobs[at : at + _AT_ONCE]
            ids = [job.message.id for job in some]
            note = json.dumps({"ids": ids, "when": self._aws.clock.now()})
            bucket.put_text(self._aws, self._settings.aws_bucket, self._key, note)
            bodies = [job.message.body for job in some]
            failed = queue.send_batch(self._aws, self._url, bodies, self._settings.app_name, ids)
            gone = [job for position, job in enumerate(some) if position not in failed]
            self._dead_letters.remove(gone)
            done += len(gone)
            sent(done)
        bucket.delete(self._aws, self._settings.aws_bucket, self._key)
        return done

    def _waiting(self) -> set[str]:
        """The ids of the dead-lettered messages whose replacements wait in the job queue."""
        found: dict[str, Message] = {}
        try:
            while True:
                some = queue.receive(self._aws, self._url, HIDE_SECONDS)
                found.update({one.id: one for one in some})
                if not some:
                    return {one.retry_of for one in found.values() if one.retry_of}
        finally:
            queue.give_back(self._aws, self._url, list(found.values()))
