"""`run.py logs [JOB]`: shows the log of a job, the last lines of failed jobs, or the machines' output."""

from __future__ import annotations

import argparse
import difflib
from typing import Iterable

from worker.aws.cloudwatch_logs import stream_name

from ..aws import logs
from ..errors import UserError
from ..outcomes import attempt_log
from ..terminal.sanitize import one_line
from .context import Context

EXAMPLE = "python run.py logs A01 --follow"
MUST_BE_EDITED = ("DOCKERHUB_TAG", "AWS_BUCKET")

_FOLLOW_SECONDS = 2.0
# Lines shown of each log when several match.
_LAST_LINES = 15
# Seconds of machine output shown.
_RECENT_SECONDS = 1800.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB", nargs="?", default="", help="a job's name, or a part of it")
    parser.add_argument("--follow", action="store_true", help="go on with what comes, until Ctrl-C")
    parser.add_argument("--failed", action="store_true", help="the last lines of every failed job")
    parser.add_argument(
        "--machines", action="store_true", help="what containers and machines have said lately"
    )


def run(arguments: argparse.Namespace, context: Context) -> None:
    asked = [bool(arguments.job), arguments.failed, arguments.machines]
    if sum(asked) != 1:
        raise UserError("Name a job, or write --failed or --machines; for example:  " + EXAMPLE)
    if arguments.machines:
        machines(context, arguments.follow)
    elif arguments.failed:
        failed(context)
    else:
        of_jobs(context, arguments.job, arguments.follow)


def of_jobs(context: Context, wanted: str, follow: bool = False) -> None:
    """Show the log of the named job, or the last lines of all that match. Raises UserError if none does."""
    group = _group(context, context.settings.log_group_name)
    exact = stream_name(wanted)
    if logs.has_stream(context.aws, group, exact):
        _show(context, group, exact, follow)
        return
    names = sorted({one.job for one in _attempts(context)})
    found = [name for name in names if wanted in name]
    if not found:
        near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.4)
        hint = f"the nearest are {', '.join(near)}" if near else "no job has been attempted yet"
        raise UserError(f"No job's name holds {wanted!r}; {hint}")
    if len(found) == 1:
        _show(context, group, stream_name(found[0]), follow)
        return
    _last_lines(context, group, found)


def failed(context: Context) -> None:
    """Show the last lines of every job that has failed so far."""
    group = _group(context, context.settings.log_group_name)
    best = attempt_log.best_attempts(_attempts(context))
    names = sorted(one.job for one in best if one.outcome in attempt_log.FAILED_FOR_GOOD)
    if not names:
        context.console.result("No job has failed")
        return
    _last_lines(context, group, names)
    context.console.next_command(context.command("failedJobs"))


def machines(context: Context, follow: bool = False) -> None:
    """Show what containers and machines printed in the last half hour."""
    group = _group(context, context.settings.instance_log_group)
    since = context.aws.clock.now() - _RECENT_SECONDS
    _print(context, logs.lines(context.aws, group, since), with_stream=True)
    if follow:
        _follow(context, group, None)


def _last_lines(context: Context, group: str, names: list[str]) -> None:
    for name in names:
        context.console.result(f"== {one_line(name)}")
        for line in logs.last_lines(context.aws, group, stream_name(name), _LAST_LINES):
            context.console.result(line)


def _show(context: Context, group: str, stream: str, follow: bool) -> None:
    _print(context, logs.lines(context.aws, group, 0, stream))
    if follow:
        _follow(context, group, stream)


def _follow(context: Context, group: str, stream: str | None) -> None:
    """Show new lines, each once, until Ctrl-C."""
    clock = context.aws.clock
    since = clock.now() - 5
    seen: set[str] = set()
    while True:
        clock.sleep(_FOLLOW_SECONDS)
        fresh = [one for one in logs.lines(context.aws, group, since, stream) if one.id not in seen]
        seen.update(one.id for one in fresh)
        _print(context, fresh, with_stream=stream is None)
        since = max(since, clock.now() - 60)


def _print(context: Context, lines: Iterable[logs.Line], with_stream: bool = False) -> None:
    for line in lines:
        context.console.result(f"{line.stream}  {line.text}" if with_stream else line.text)


def _attempts(context: Context) -> Iterable[attempt_log.Attempt]:
    return attempt_log.attempts(logs.events(context.aws, context.settings.ledger_log_group, 0))


def _group(context: Context, name: str) -> str:
    if logs.find_group(context.aws, name) is None:
        raise UserError(
            f"There is no log group {name}: CloudWatch keeps it for {logs.RETENTION_DAYS} days. What was "
            f"exported at the end of a run lies in s3://{context.settings.aws_bucket}/exportedlogs/{name.strip('/')}/"
        )
    return name
