"""`run.py retryFailed`: sends the jobs that failed for good back to the queue, none lost and none twice.

It creates the queue again if the run was torn down. Then start machines with `startCluster`.
"""

from __future__ import annotations

import argparse
import difflib

from ..aws import queue
from ..errors import AwsRefusal, Interrupted, UserError
from ..outcomes.dead_letter_queue import DeadLetterQueue, Redrive
from ..outcomes.failed_jobs import FailedJob
from .context import Context
from .setup import setup

EXAMPLE = "python run.py retryFailed --only A01"
MUST_BE_EDITED = ("DOCKERHUB_TAG", "AWS_BUCKET")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only", metavar="NAME", action="append", default=[], help="only this job; may be repeated"
    )


def run(arguments: argparse.Namespace, context: Context) -> None:
    many = retry(context, arguments.only)
    if not many:
        context.console.result("No job of this run has failed for good")
        return
    context.console.result(f"{many:,} jobs are in the queue {context.settings.sqs_queue_name} again")
    context.console.next_command(context.command("startCluster files/exampleFleet.json"))


def retry(context: Context, only: list[str] | None = None) -> int:
    """Send the jobs. Returns how many are in the queue again. Raises UserError for an unknown name."""
    aws, settings, console = context.aws, context.settings, context.console
    dead_letters = DeadLetterQueue(aws, settings)
    if queue.find_url(aws, settings.sqs_queue_name) is None:
        console.say("The run was torn down; its queue, task definition and service are made again")
        setup(context)
    url = queue.find_url(aws, settings.sqs_queue_name)
    if url is None:
        raise AwsRefusal(f"SQS does not show the queue {settings.sqs_queue_name}; try again")
    try:
        with dead_letters as found:
            jobs = _chosen(found.jobs, only or [])
            resending = Redrive(aws, settings, dead_letters, url)
            sent, unknown = resending.in_doubt(jobs)
            dead_letters.remove(sent)
            if unknown:
                console.warn(
                    f"{len(unknown)} jobs of an attempt that was cut off may be with a worker just now; they "
                    "are left. Try again when nothing is in flight"
                )
            todo = [job for job in jobs if job not in sent and job not in unknown]
            with console.progress(len(todo), "Sending jobs") as progress:
                many = resending.send(todo, progress.reach) + len(sent)
    except KeyboardInterrupt:
        again = context.command("retryFailed")
        raise Interrupted(f"Interrupted; no job is lost. Send the rest with:  {again}") from None
    if many < len(jobs) - len(unknown):
        raise AwsRefusal(f"SQS took {many} of {len(jobs)} jobs; again:  " + context.command("retryFailed"))
    return many


def _chosen(jobs: list[FailedJob], only: list[str]) -> list[FailedJob]:
    names = [job.name for job in jobs]
    for name in only:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "`failedJobs` lists them"
            raise UserError(f"No failed job is called {name}; {hint}")
    return [job for job in jobs if not only or job.name in only]
