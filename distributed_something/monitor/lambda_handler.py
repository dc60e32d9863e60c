"""The Lambda function called every minute for each run: look, decide, act, and finally end the run.

The monitor's state is kept in the run's bucket between calls. Two calls at once do no harm: every step of the
teardown can be repeated, and the state is only a list of readings.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..aws import account, bucket, scheduler, sns_topic
from ..aws.account import Account
from ..aws.errors import explain
from ..aws.session import Aws
from ..config import run_names
from ..run import monitor_file
from ..run.monitor_file import MonitorFile
from . import messages
from .scaling_policy import Action, MonitorState, Patience
from .shutdown import end_run
from .tick import tick

if TYPE_CHECKING:
    from boto3.session import Session

# Minutes for which a refused teardown is retried before a person is asked.
ATTEMPTS = 30
_PATIENCE = Patience()


@dataclass(frozen=True)
class SavedState:
    """The state saved between calls. ``run``: the client token of its run."""

    run: str
    state: MonitorState
    attempts: int = 0

    def to_json(self) -> str:
        return json.dumps({"run": self.run, "state": self.state.to_dict(), "attempts": self.attempts})


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """``event``: bucket and key of the monitor file, and whether to be cheapest. Returns what was done."""

    def make_session() -> Session:
        import boto3

        return boto3.Session()

    done = one_step(Aws(make_session), event)
    print(json.dumps({**event, "done": done}))
    return {"done": done}


def one_step(aws: Aws, event: dict[str, Any], patience: Patience = _PATIENCE) -> str:
    """Look at the run once and act on it. Returns what was done, in words."""
    text = bucket.get_text(aws, event["bucket"], event["key"])
    if text is None:  # somebody else has ended the run
        bucket.delete(aws, event["bucket"], run_names.state_key(event["schedule"]))
        scheduler.delete(aws, account.NAME, event["schedule"])
        return "the run has ended"
    run = monitor_file.parse_monitor_file(text, f"s3://{event['bucket']}/{event['key']}")
    before = _remembered(aws, run)
    look, state = tick(aws, run, before.state, bool(event.get("cheapest")), patience)
    if look.decision.action is Action.STRANDED:
        return _give_up(aws, run, messages.run_stranded(run, look.decision.why))
    if look.decision.action is not Action.FINISH:
        _remember(aws, run, SavedState(run.client_token, state, 0))
        return look.decision.why
    ended = end_run(aws, run, None, print, patience=0)
    if ended.complete:
        return "the run has ended"
    attempts = before.attempts + (1 if ended.refused else 0)
    if attempts >= ATTEMPTS:
        return _give_up(aws, run, messages.teardown_refused(run, ended.refused))
    _remember(aws, run, SavedState(run.client_token, state, attempts))
    return "ending the run: " + "; ".join(ended.refused + ended.waiting)


def _remembered(aws: Aws, run: MonitorFile) -> SavedState:
    """The state of the last call; a new one for a run's first call."""
    fresh = SavedState(run.client_token, MonitorState(started=run.start_time))
    text = bucket.get_text(aws, run.bucket_name, run.state_key)
    try:
        there = json.loads(text or "{}")
        if there["run"] != run.client_token:
            return fresh
        return SavedState(there["run"], MonitorState.from_dict(there["state"]), int(there["attempts"]))
    except (ValueError, KeyError, TypeError):
        return fresh


def _remember(aws: Aws, run: MonitorFile, saved: SavedState) -> None:
    bucket.put_text(aws, run.bucket_name, run.state_key, saved.to_json())
    if bucket.get_text(aws, run.bucket_name, run.monitor_file_key) is None:  # the run was ended meanwhile
        bucket.delete(aws, run.bucket_name, run.state_key)


def _give_up(aws: Aws, run: MonitorFile, message: messages.Mail) -> str:
    """Ask a person by e-mail and stop watching. The monitor file stays."""
    if run.notify_email:
        try:
            sns_topic.send(aws, Account.of(aws).topic, run.notify_email, *message)
        except Exception as error:
            print(f"No mail to {run.notify_email}: {explain(error) or error}")
    bucket.delete(aws, run.bucket_name, run.state_key)
    scheduler.delete(aws, account.NAME, run.app_name)
    return message[0]
