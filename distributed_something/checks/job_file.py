"""Checks that every job has a unique name, its inputs, and the keys that COMMAND, INPUT and OUTPUT use."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Iterator

from worker.protocol.command_checks import check_job
from worker.protocol.placeholders import PlaceholderError, fill, job_values

from ..aws import bucket
from ..aws.session import Aws
from ..config.settings import Settings
from ..errors import UserError
from ..jobs import job_file
from .finding import Finding, mistake

# Mistakes shown of one job file; the others are only counted.
_MOST = 5


def findings(path: Path, settings: Settings, seen: Callable[[int], None]) -> Iterator[Finding]:
    """The mistakes of the file, and its number of jobs, bytes and calls."""
    yield from check_jobs(job_file.load_jobs(path), settings, seen)


def check_jobs(
    file: job_file.JobFile, settings: Settings, seen: Callable[[int], None], most: int = _MOST
) -> Iterator[Finding]:
    """The same for jobs in memory; shows at most ``most`` mistakes."""
    path = file.path
    problems: list[UserError] = []
    checked = job_file.check_jobs(file, settings, seen, problems.append)
    for problem in problems[:most]:
        mend = "Mend the job file, or COMMAND, INPUT, OUTPUT, JOB_NAME of config.py"
        yield mistake(problem, mend, marks=(". ",))
    if len(problems) > most:
        yield Finding(f"{path}: {len(problems) - most:,} more jobs have mistakes", "Mend these first")
    batches = -(-checked.jobs // job_file.BATCH_MESSAGES)
    begin = f", from {checked.first_name!r} on" if checked.first_name else ""
    yield Finding(
        f"{path}: {checked.jobs:,} jobs{begin}; {checked.total_bytes:,} bytes in about {batches:,} calls"
    )


def missing_inputs(aws: Aws, path: Path, settings: Settings) -> Iterator[Finding]:
    """Looks for every job's INPUT in SOURCE_BUCKET, once for each place."""
    known: dict[str, bool] = {}
    missing = 0
    file = job_file.load_jobs(path)
    for where, group in file.groups():
        message = {**file.shared, "group": group}
        try:
            name = check_job(message, settings.command, settings.input, settings.output, settings.job_name)
            values = {**job_values(message), "job": name, "bucket": settings.source_bucket}
            places = [fill(template, values) for template in settings.input]
        except PlaceholderError:
            continue  # told of already
        for place in places:
            prefix = place.split("*")[0]
            if place not in known:
                known[place] = bucket.contains(aws, settings.source_bucket, prefix, exact=prefix == place)
            if not known[place]:
                missing += 1
                if missing <= _MOST:
                    yield Finding(
                        f"{where}: there is no s3://{settings.source_bucket}/{place}",
                        "Upload it, or mend the job or INPUT",
                    )
    if missing > _MOST:
        yield Finding(f"{missing - _MOST:,} more inputs are missing", "Mend these first")
    if known and not missing:
        yield Finding(f"All {len(known):,} inputs are there")
