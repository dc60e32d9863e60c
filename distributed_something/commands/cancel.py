"""`run.py cancel`: stops the run now.

Waiting jobs are discarded and machines terminated; results and logs are kept.
"""

from __future__ import annotations

import argparse

from ..aws import queue
from .context import Context
from .monitor import end
from .monitor_file import add_monitor_file, find_run

EXAMPLE = "python run.py cancel"
MUST_BE_EDITED = ("DOCKERHUB_TAG", "AWS_BUCKET")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_monitor_file(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: argparse.Namespace, context: Context) -> None:
    run_file = find_run(context, arguments.monitorfile)
    url = queue.find_url(context.aws, run_file.queue_name)
    held = queue.get_counts(context.aws, url) if url else None
    waiting, working = (held.visible + held.delayed, held.in_flight) if held else (0, 0)
    question = (
        f"Stop {run_file.app_name} now? {waiting:,} jobs that wait are thrown away, {working:,} that run are "
        "ended; results and logs stay"
    )
    if not context.console.confirm(question, arguments.yes):
        context.console.say("Nothing was stopped")
        return
    queue.purge(context.aws, run_file.queue_name)
    end(context, run_file, "cancelled", context.command("cancel --yes"))
