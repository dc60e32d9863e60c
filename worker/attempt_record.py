"""The outcome of an attempt, and its line in the ledger."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timezone

SUCCESS = "SUCCESS"
ALREADY_DONE = "ALREADY_DONE"
TOOL_FAILED = "TOOL_FAILED"
TIMEOUT = "TIMEOUT"
INPUT_PROBLEM = "INPUT_PROBLEM"
OUTPUT_PROBLEM = "OUTPUT_PROBLEM"
INTERRUPTED = "INTERRUPTED"


# The longest reason in the ledger, which needs one line; the job's log has all of it.
LONGEST_REASON = 2000


class JobProblem(Exception):
    """Ends an attempt without success. ``hopeless``: another attempt cannot succeed either."""

    def __init__(
        self, outcome: str, reason: str, exit_code: int | None = None, hopeless: bool = False
    ) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
        self.exit_code = exit_code
        self.hopeless = hopeless


@dataclass
class AttemptRecord:
    """One attempt of one job, as recorded in the ledger. Times in seconds since 1970, sizes in bytes."""

    job: str
    attempt: int
    message_id: str
    instance: str
    start: float
    outcome: str = ""
    exit_code: int | None = None
    reason: str = ""
    end: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    download_bytes: int = 0
    upload_bytes: int = 0
    files: int = 0
    hopeless: bool = False
    retry_of: str = ""

    def to_json(self) -> str:
        """The ledger's line."""
        return json.dumps(
            {
                "job": self.job,
                "attempt": self.attempt,
                "outcome": self.outcome,
                "exit_code": self.exit_code,
                "start": _iso(self.start),
                "end": _iso(self.end),
                "download_seconds": round(self.seconds.get("download", 0.0), 3),
                "tool_seconds": round(self.seconds.get("tool", 0.0), 3),
                "upload_seconds": round(self.seconds.get("upload", 0.0), 3),
                "download_bytes": self.download_bytes,
                "upload_bytes": self.upload_bytes,
                "files": self.files,
                "instance": self.instance,
                "message_id": self.message_id,
                "retry_of": self.retry_of,
                "reason": self.reason[:LONGEST_REASON],
            }
        )


def _iso(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
