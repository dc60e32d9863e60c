"""`run.py submitJob JOBFILE`: sends one message per job to the queue, after checking all of them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Iterator

from ..aws import queue
from ..aws.errors import explain
from ..errors import AwsRefusal, Interrupted, UserError
from ..jobs import job_file
from ..jobs.batch_sender import Numbered, Sent, send_all
from ..jobs.job_numbers import JobNumbers
from ..run import provenance
from .context import Context

EXAMPLE = "python run.py submitJob files/exampleJob.json"
MUST_BE_EDITED = ("DOCKERHUB_TAG", "AWS_BUCKET")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("jobfile", metavar="JOBFILE", type=Path, help="the job file (JSON)")
    parser.add_argument(
        "--from",
        dest="numbers",
        metavar="N",
        help="send only from job N on (or e.g. 7-9,31-), after an interrupted submission",
    )


def run(arguments: argparse.Namespace, context: Context) -> None:
    submit(context, arguments.jobfile, arguments.numbers)
    context.console.next_command(context.command("startCluster files/exampleFleet.json"))


def submit(context: Context, path: Path, numbers: str | None = None) -> int:
    """Check every job of the file, then send them. Returns how many were sent.

    Raises UserError before anything is sent; later AwsRefusal or Interrupted, with the command that goes on.
    """
    aws, settings, console = context.aws, context.settings, context.console
    wanted = JobNumbers.parse(numbers) if numbers else JobNumbers([(1, None)])
    wanted_jobs = job_file.load_jobs(path)
    try:
        with console.progress(None, "Checking jobs") as progress:
            checked = job_file.check_jobs(wanted_jobs, settings, progress.reach)
    except KeyboardInterrupt:
        raise Interrupted("Interrupted while checking; nothing was sent") from None
    asked = wanted.count(checked.jobs)
    if not asked:
        raise UserError(f"--from {numbers}: {path} has only {checked.jobs:,} jobs")
    if not settings.command:
        console.warn("COMMAND of config.py is empty: the image's own tool.py must make the command")
    url = queue.find_url(aws, settings.sqs_queue_name)
    if url is None:
        raise UserError(
            f"There is no queue {settings.sqs_queue_name} yet; make it first: {context.command('setup')}"
        )

    with console.progress(asked, "Sending jobs") as progress:
        sent = send_all(
            _numbered_batches(wanted_jobs, wanted),
            lambda bodies: queue.send_batch(aws, url or "", bodies, settings.app_name),
            aws.clock.sleep,
            progress.reach,
        )
    _raise_unless_complete(context, sent, asked, path)
    try:
        provenance.keep_jobs(aws, settings, path, checked.jobs)
    except Exception as error:  # the jobs are sent: typing the command again would send them twice
        console.warn(f"Which job file was sent was not kept: {explain(error) or error}")
    console.say(
        f"{sent.count:,} jobs are in the queue {settings.sqs_queue_name}, from {checked.first_name!r} on"
    )
    return sent.count


def _numbered_batches(jobs: job_file.JobFile, wanted: JobNumbers) -> Iterator[list[Numbered]]:
    """Batches of (job number, body) of the wanted jobs."""
    numbered = (pair for pair in enumerate(jobs.bodies(), 1) if pair[0] in wanted)
    return job_file.batches(numbered)


def _raise_unless_complete(context: Context, sent: Sent, asked: int, path: Path) -> None:
    if sent.complete:
        return
    told = f"{sent.count:,} of {asked:,} jobs were sent. Go on with the rest:  " + context.command(
        "submitJob", path, "--from", sent.missing
    )
    if sent.interrupted:
        raise Interrupted("Interrupted. " + told)
    raise AwsRefusal(f"SQS does not take any more: {sent.error}\n{told}")
