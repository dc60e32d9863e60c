"""What is particular about a tool: small functions, in the one file to edit when config.py is not enough.

Each gets the job: ``job['Plate']`` is a value of its group or of the shared keys, ``job.values`` all of them,
``job.input`` and ``job.output`` the local folders, ``job.attempt`` the number of the attempt,
``job.environment`` the settings. The defaults read COMMAND, INPUT, OUTPUT and JOB_NAME of config.py.
A ValueError says that the job can never be done; its text becomes the reason.
"""

from __future__ import annotations

from typing import Iterable

from worker import inputs as patterns
from worker.command_line import Filled, fill_command
from worker.job import Job
from worker.placeholders import fill, job_name


def name(job: Job) -> str:
    """The job's name: of its log, and of its place in the bucket. No two jobs may have the same."""
    return job_name(job.environment.job_name, job.message)


def inputs(job: Job) -> list[patterns.Pattern]:
    """What is downloaded: keys, folders (ending in '/') or patterns (with '*') of SOURCE_BUCKET."""
    return [patterns.pattern(template, job.values) for template in job.environment.inputs]


def command(job: Job) -> Filled:
    """What runs: the arguments, and additions to the environment."""
    return fill_command(job.environment.command, job.values)


def output(job: Job) -> str:
    """Where in DESTINATION_BUCKET the content of the output folder goes."""
    return fill(job.environment.output, job.values)


def is_done(job: Job, objects: Iterable[tuple[str, int]]) -> bool:
    """Whether these results, as (name, size in bytes), are all that the job should have."""
    wanted = job.environment
    missing = wanted.expected_number_files
    for file_name, size in objects:
        if missing <= 0:
            break
        missing -= size >= wanted.min_file_size and wanted.necessary_string in file_name
    return missing <= 0
