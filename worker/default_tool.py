"""What is particular about a tool: small functions, for when config.py is not enough.

These read COMMAND, INPUT, OUTPUT and JOB_NAME of config.py; a tool.py beside config.py replaces those it has.
Each gets the job: ``job['Plate']`` is a value of its group or of the shared keys, ``job.message`` the whole
message, ``job.input``, ``job.output``, ``job.scratch`` local folders, ``job.source`` SOURCE_BUCKET to look
into, ``job.attempt`` the number of the attempt, ``job.environment`` the settings.
A ValueError says that the job can never be done; its text becomes the reason.
"""

from __future__ import annotations

from typing import Iterable

from worker import inputs as patterns
from worker.job import Job
from worker.protocol.command_line import Filled, fill_command
from worker.protocol.placeholders import fill, job_name


def name(job: Job) -> str:
    """The job's name: of its log, and of its place in the bucket. No two jobs may have the same."""
    return job_name(job.environment.job_name, job.message)


def inputs(job: Job) -> list[patterns.Wanted]:
    """What is downloaded from SOURCE_BUCKET: keys, folders (ending in '/') and patterns (with '*').

    A ``Source(key, name)`` is an object and the name it gets in the input folder.
    """
    return [patterns.pattern(template, job.values) for template in job.environment.inputs]


def command(job: Job) -> Filled:
    """What runs: the arguments, and additions to the environment."""
    return fill_command(job.environment.command, job.values)


def output(job: Job) -> str:
    """Where in DESTINATION_BUCKET the content of the output folder goes."""
    return fill(job.environment.output, job.values)


def failure(job: Job) -> str:
    """Why a tool that ended with 0 has failed all the same; '' when it has not."""
    return ""


def is_done(job: Job, objects: Iterable[tuple[str, int]]) -> bool:
    """Whether these results, as (name, size in bytes), are all that the job should have."""
    wanted = job.environment
    missing = wanted.expected_number_files
    for file_name, size in objects:
        if missing <= 0:
            break
        missing -= size >= wanted.min_file_size and wanted.necessary_string in file_name
    return missing <= 0
