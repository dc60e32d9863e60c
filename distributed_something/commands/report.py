"""`run.py report`: writes an HTML report of the run: timeline, durations, failures, cost."""

from __future__ import annotations

import argparse
import json
import webbrowser
from pathlib import Path
from typing import Iterator

from ..aws import bucket, fleet, logs, spot_prices
from ..errors import UserError
from ..outcomes import attempt_log
from ..report.figures import Health, RunFigures, spans_of
from ..report.page import render_page
from ..run import provenance
from ..run.monitor_file import MonitorFile
from .context import Context
from .monitor_file import find_run

EXAMPLE = "python run.py report --open"
MUST_BE_EDITED = ("DOCKERHUB_TAG", "AWS_BUCKET")

# Machine samples drawn; each machine writes one every 30 s.
_MOST_HEALTH = 200_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--open", action="store_true", help="show it in the browser")
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="where to write it; by default files/APP_NAME-report.html"
    )


def run(arguments: argparse.Namespace, context: Context) -> None:
    out = arguments.out or context.files / f"{context.settings.app_name}-report.html"
    text = render_page(look(context, last_run(context)))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    context.console.result(f"{out} ({len(text):,} bytes)")
    if arguments.open:
        webbrowser.open(out.resolve().as_uri())
    else:
        context.console.next_command(context.command("report --open"))


def last_run(context: Context) -> MonitorFile:
    """The current run, or the last one that ended. Raises UserError if there is none."""
    try:
        return find_run(context, None)
    except UserError:
        settings = context.settings
        prefix = f"exportedlogs/{settings.app_name}_summary/"
        keys = sorted(key for key, _ in bucket.keys(context.aws, settings.aws_bucket, prefix))
        if not keys:
            raise UserError(
                f"No run of {settings.app_name} is known in s3://{settings.aws_bucket}, neither one that "
                "goes on nor one that has ended"
            ) from None
        summary = json.loads(bucket.get_text(context.aws, settings.aws_bucket, keys[-1]) or "{}")
        return MonitorFile.begin(settings, "", float(summary["started"]))


def look(context: Context, run_file: MonitorFile) -> RunFigures:
    """All figures of the report."""
    aws = context.aws
    with context.console.progress(None, "Reading the ledger") as progress:
        attempts = []
        for one in attempt_log.attempts(logs.events(aws, run_file.ledger_log_group, run_file.start_time)):
            attempts.append(one)
            progress.reach(len(attempts))
    spans = fleet.instance_spans(aws, run_file.fleet_id, run_file.start_time) if run_file.fleet_id else {}
    return RunFigures(
        app_name=run_file.app_name,
        started=run_file.start_time,
        attempts=attempts,
        summary=attempt_log.summarise(attempts),
        spans=spans or spans_of(attempts),
        health=list(_health(context, run_file)),
        price=spot_prices.usual_price(aws, context.settings.machine_type, context.settings.machine_price),
        documents=provenance.documents(aws, run_file),
    )


def put_into_bucket(context: Context, run_file: MonitorFile) -> None:
    """Save the report at the end of a run. A failure is only a warning."""
    key = provenance.run_folder(run_file) + "report.html"
    try:
        text = render_page(look(context, run_file))
        bucket.put_text(context.aws, run_file.bucket_name, key, text, "text/html; charset=utf-8")
    except UserError as error:
        context.console.warn(str(error))
    except context.aws.s3.exceptions.ClientError as error:
        context.console.warn(f"The report was not written: {error}")
    else:
        context.console.say(f"Report: s3://{run_file.bucket_name}/{key}")


def _health(context: Context, run_file: MonitorFile) -> Iterator[Health]:
    group = run_file.instance_log_group
    for count, line in enumerate(logs.lines(context.aws, group, run_file.start_time)):
        if count >= _MOST_HEALTH:
            return
        try:
            said = json.loads(line.text)
            yield Health(line.when, float(said["memory_percent"]), float(said["disk_percent"]))
        except (ValueError, TypeError, KeyError):
            continue
