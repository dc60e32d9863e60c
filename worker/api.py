"""The one door for a user's tool.py: what it may import from the worker, and what stays as it is.

The functions without a class are the worker's own, for a tool.py that only adds to what they do.
"""

from __future__ import annotations

from worker.attempt_record import JobProblem
from worker.default_tool import command, failure, inputs, is_done, name, output
from worker.inputs import Source, safe_name
from worker.job import Job
from worker.protocol.command_line import Filled, fill_command
from worker.protocol.placeholders import fill, job_name

__all__ = [
    "Filled",
    "Job",
    "JobProblem",
    "Source",
    "command",
    "failure",
    "fill",
    "fill_command",
    "inputs",
    "is_done",
    "job_name",
    "name",
    "output",
    "safe_name",
]
