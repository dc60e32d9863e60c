"""`run.py failedJobs`: lists the jobs that failed for good, with their attempts and last reasons.

The dead-letter queue keeps them for 14 days. Messages of other runs in the same queue are left alone.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..errors import UserError
from ..outcomes import failed_jobs
from ..outcomes.dead_letter_queue import DeadLetterQueue
from ..outcomes.failed_jobs import FailedJob
from ..terminal.sanitize import one_line
from .context import Context

EXAMPLE = "python run.py failedJobs --save files/again.json"
MUST_BE_EDITED = ("DOCKERHUB_TAG", "AWS_BUCKET")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--save", metavar="FILE", type=Path, help="write them as a job file for submitJob")
    parser.add_argument(
        "--remove",
        action="store_true",
        help="with --save: take them out of the dead-letter queue once the file is written",
    )
    parser.add_argument("--json", action="store_true", help="print them as JSON")


def run(arguments: argparse.Namespace, context: Context) -> None:
    if arguments.remove and not arguments.save:
        raise UserError("--remove goes with --save FILE, so that no job is lost")
    found = failed(context, arguments.save, arguments.remove)
    if arguments.json:
        listed = [
            {"job": one.name, "attempts": one.attempts, "reason": one.reason, **one.document} for one in found
        ]
        context.console.result(json.dumps(listed, indent=1))
        return
    for one in found:
        context.console.result(told(one))
    if not found:
        context.console.result("No job of this run has failed for good")
    elif not arguments.save:
        context.console.say("To see a job's log:  " + context.command("logs", found[0].name))
        context.console.say(
            "To save them as a job file:  " + context.command("failedJobs --save files/again.json")
        )
        context.console.next_command(context.command("retryFailed"))


def failed(context: Context, save: Path | None = None, remove: bool = False) -> list[FailedJob]:
    """The failed jobs, sorted by name. Saves them as job files and then removes them, if asked to."""
    console = context.console
    with console.progress(None, "Reading the dead-letter queue") as progress:
        dead_letters = DeadLetterQueue(context.aws, context.settings, progress.reach)
        with dead_letters as found:
            paths = _save(found.jobs, save) if save and found.jobs else []
            if paths and remove:
                dead_letters.remove(found.jobs)
    if found.others:
        console.say(f"{len(found.others):,} messages of other runs in the same queue are left alone")
    if found.unreadable:
        console.say(f"{len(found.unreadable):,} messages are no jobs; they are left alone")
    for path, many in paths:
        console.say(f"{path}: {many:,} jobs" + (", and out of the dead-letter queue" if remove else ""))
    if paths:
        console.next_command(context.command("submitJob", paths[0][0]))
    return found.jobs


def told(one: FailedJob) -> str:
    """A failed job in a line."""
    attempts = f"{one.attempts} attempts" if one.attempts != 1 else "1 attempt"
    return one_line(f"{one.name}: {one.reason or 'its reason is not in the ledger any more'}") + (
        f" ({attempts})" if one.attempts else ""
    )


def _save(jobs: list[FailedJob], path: Path) -> list[tuple[Path, int]]:
    """Write the job files, one for each set of shared keys, numbered from 2 on. Raises UserError."""
    written = []
    for number, document in enumerate(failed_jobs.job_files(jobs), 1):
        here = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        if here.exists():
            raise UserError(f"{here} is there already; name another file for --save")
        here.parent.mkdir(parents=True, exist_ok=True)
        here.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        written.append((here, len(document["groups"])))
    return written
