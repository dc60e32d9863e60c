"""Ends a run: executes teardown_steps.py, then writes the summary and removes the monitor file.

It can be killed and started again anywhere, and two at once do no harm. A step that AWS refuses is reported,
and the others are still executed. The monitor file goes last, because everything is found through it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Callable

from ..aws import bucket, logs, queue, sns_topic
from ..aws.account import Account
from ..aws.errors import explain
from ..aws.session import Aws
from ..errors import NotYet
from ..outcomes import attempt_log
from ..run.monitor_file import MonitorFile
from . import lambda_schedule, messages
from .teardown_steps import Step, teardown_steps

# How long `run.py monitor` waits for steps that take AWS some time, and how often it looks.
PATIENCE_SECONDS = 1800.0
_POLL_SECONDS = 10.0
# Seconds after which another monitor sends the e-mail of one that died while sending.
_MAIL_CLAIM_SECONDS = 60.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Ended:
    """The state of the teardown. ``refused``, ``waiting``: a sentence for each unfinished step.

    ``summary``: the run's summary, once all steps are done; ``dead``: messages in the dead-letter queue.
    """

    refused: list[str]
    waiting: list[str]
    summary: attempt_log.Summary | None = None
    dead: int = 0

    @property
    def complete(self) -> bool:
        return not self.refused and not self.waiting


def end_run(
    aws: Aws, run_file: MonitorFile, files: Path | None, say: Say, patience: float = PATIENCE_SECONDS
) -> Ended:
    """End the run. ``files``: the monitor file's folder, None in the Lambda. ``patience`` 0: never wait."""
    refused, waiting = _do(aws, teardown_steps(aws, run_file), say, patience)
    if refused or waiting:
        return Ended(refused, waiting)
    summary, dead = summarise(aws, run_file), queue.count_messages(aws, run_file.dead_letter_queue)
    for step in _closing(aws, run_file, files, summary, dead):
        refused, waiting = _do(aws, [step], say, patience)
        if refused or waiting:
            break
    return Ended(refused, waiting, summary, dead)


def summarise(aws: Aws, run_file: MonitorFile) -> attempt_log.Summary:
    """The run's summary, from its ledger."""
    lines = logs.events(aws, run_file.ledger_log_group, run_file.start_time)
    return attempt_log.summarise(attempt_log.attempts(lines), messages.MOST_FAILURES)


def _do(aws: Aws, todo: list[Step], say: Say, patience: float) -> tuple[list[str], list[str]]:
    """Execute the steps, and repeat those that wait. Returns what was refused and what still waits."""
    refused: list[str] = []
    deadline = aws.clock.now() + patience
    told: set[str] = set()
    while True:
        waiting: list[str] = []
        again: list[Step] = []
        for name, act in todo:
            try:
                say(f"{name}: {act()}")
            except NotYet as reason:
                again.append((name, act))
                waiting.append(f"{name}: {reason}")
                if waiting[-1] not in told:
                    say(f"{name}: waiting: {reason}")
                    told.add(waiting[-1])
            except Exception as error:
                reason_given = explain(error)
                if reason_given is None:
                    raise
                refused.append(f"{name}: {reason_given}")
                say(f"{name}: not yet: {reason_given}")
        todo = again
        if not todo or aws.clock.now() + _POLL_SECONDS > deadline:
            return refused, waiting
        aws.clock.sleep(_POLL_SECONDS)


def _closing(
    aws: Aws, run: MonitorFile, files: Path | None, summary: attempt_log.Summary, dead: int
) -> list[Step]:
    """The last steps, once all resources are removed: the summary, the e-mail, the monitor's own files."""

    def forget() -> str:
        # In this order: a concurrent unattended call checks for the file after writing its state, and a later
        # call removes both state and schedule.
        bucket.delete(aws, run.bucket_name, run.monitor_file_key)
        bucket.delete(aws, run.bucket_name, run.state_key)
        if run.auto_monitor:
            lambda_schedule.delete_schedule(aws, run)
        if files is not None:
            with suppress(FileNotFoundError):  # another monitor was quicker
                (files / run.monitor_file_name).unlink()
        return "removed"

    return [
        ("Summary", lambda: _summary(aws, run, summary, dead)),
        ("Monitor file", forget),
    ]


def _summary(aws: Aws, run: MonitorFile, summary: attempt_log.Summary, dead: int) -> str:
    """Write the summary to the bucket and send it to NOTIFY_EMAIL, once, whichever monitor ends the run."""
    document = {
        "app": run.app_name,
        "started": run.start_time,
        "ended": aws.clock.now(),
        **asdict(summary),
        "dead_letters": dead,
        "mailed": not run.notify_email,
    }
    where = f"s3://{run.bucket_name}/{run.summary_key}"
    if not bucket.create_text(aws, run.bucket_name, run.summary_key, json.dumps(document, indent=1)):
        there = json.loads(bucket.get_text(aws, run.bucket_name, run.summary_key) or "{}")
        if there.get("mailed", True):
            return where
        if aws.clock.now() - there["ended"] < _MAIL_CLAIM_SECONDS:
            raise NotYet("another monitor is about to send the mail")
    if not run.notify_email:
        return where
    told = f"in the mail to {run.notify_email}"
    try:
        sns_topic.send(aws, Account.of(aws).topic, run.notify_email, *messages.run_ended(run, summary, dead))
    except aws.sns.exceptions.ClientError as error:  # no reason to keep the run from ending
        told = f"no mail could be sent to {run.notify_email}: {explain(error)}"
    document["mailed"] = True
    bucket.put_text(aws, run.bucket_name, run.summary_key, json.dumps(document, indent=1))
    return f"{where}, and {told}"
