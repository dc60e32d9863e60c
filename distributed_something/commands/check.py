"""`run.py check [FLEETFILE] [JOBFILE]`: finds mistakes before they cost anything, and says how to fix each.

startCluster runs the same checks before it starts anything.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..checks.all_checks import findings
from ..errors import UserError
from ..json_file import load_json
from .context import Context

EXAMPLE = "python run.py check files/exampleFleet.json files/exampleJob.json --inputs"
MUST_BE_EDITED = ("DOCKERHUB_TAG", "AWS_BUCKET")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        type=Path,
        help="a fleet file, a job file, or both; they are told apart by what is in them",
    )
    parser.add_argument(
        "--inputs", action="store_true", help="look for every job's INPUT in the bucket; takes a while"
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(arguments: argparse.Namespace, context: Context) -> None:
    fleet, jobs = _told_apart(arguments.files)
    with context.console.progress(None, "Checking jobs") as progress:
        looked = findings(context.aws, context.settings, fleet, jobs, arguments.inputs, progress.reach)
        found = list(looked)
    mistakes = [one for one in found if one.is_mistake]
    if arguments.json:
        listed = [{"mistake": one.is_mistake, "what": one.what, "mend": one.mend} for one in found]
        context.console.result(json.dumps(listed, indent=1))
    else:
        for one in sorted(found, key=lambda one: not one.is_mistake):
            context.console.result(one.line())
    if mistakes:
        raise UserError(
            f"{len(mistakes)} mistakes were found" if len(mistakes) > 1 else "1 mistake was found"
        )
    context.console.say("No mistake was found")
    context.console.next_command(context.command("setup"))


def _told_apart(files: list[Path]) -> tuple[Path | None, Path | None]:
    """(fleet file, job file). Raises UserError for what is neither."""
    fleet = jobs = None
    for path in files:
        document = load_json(path, "file")
        is_jobs = isinstance(document, dict) and "groups" in document
        if (is_jobs and jobs) or (not is_jobs and fleet):
            raise UserError(f"{path}: name one fleet file and one job file at most")
        fleet, jobs = (fleet, path) if is_jobs else (path, jobs)
    return fleet, jobs
