"""A job as passed to the tool's functions: its values, its attempt number, its folders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable

from worker.attempt_record import INPUT_PROBLEM, JobProblem
from worker.inputs import SourceBucket
from worker.protocol import strict_json
from worker.protocol.placeholders import job_values
from worker.settings import Environment
from worker.tool_process import Limits


@dataclass
class Job:
    """One message of the queue. ``input``, ``output``, ``scratch``: local folders, '' until they are made.

    ``source``: SOURCE_BUCKET, for what depends on what stands in it. ``limits``: how long a function of
    tool.py may take, where it runs in a process of its own.
    """

    message: dict[str, Any]
    attempt: int
    environment: Environment
    source: SourceBucket
    name: str = ""
    input: str = ""
    output: str = ""
    scratch: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    limits: Callable[[str], Limits] | None = field(default=None, repr=False)

    def __getitem__(self, key: str) -> Any:
        """A value of the job's group, or of the keys shared by all jobs."""
        return self.values[key]

    def place(self, **own: str) -> None:
        """Set name, input or output, also for the placeholders."""
        for key, value in own.items():
            setattr(self, {"job": "name"}.get(key, key), value)
        self.values.update(own)


def parse(body: str, attempt: int, environment: Environment, source: SourceBucket) -> Job:
    """The job in a message's body. Raises JobProblem if there is none."""
    try:
        message = strict_json.loads(body)
    except ValueError as error:
        raise JobProblem(INPUT_PROBLEM, f"the message is no JSON: {error}", hopeless=True) from None
    if not isinstance(message, dict) or not isinstance(message.get("group"), dict):
        raise JobProblem(INPUT_PROBLEM, 'the message is no job: it has no object "group"', hopeless=True)
    job = Job(message, attempt, environment, source)
    job.values = {
        **job_values(message),
        "bucket": environment.source_bucket,
        "cores": environment.cores,
        "attempt": attempt,
    }
    return job
