"""`run.py monitor`: watches the run, terminates idle machines, and ends the run when all jobs are done."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

from ..aws.errors import explain, session_expired
from ..errors import AwsRefusal, Interrupted, JobsFailed
from ..monitor import messages
from ..monitor.scaling_policy import Action, Decision, MonitorState, Patience
from ..monitor.shutdown import end_run, summarise
from ..monitor.tick import Look, tick
from ..outcomes import attempt_log
from ..run.monitor_file import MonitorFile
from ..terminal.wording import count
from .context import Context
from .monitor_file import add_monitor_file, find_run
from .report import put_into_bucket

EXAMPLE = "python run.py monitor files/MyAppSpotFleetRequestId.json --cheapest"
MUST_BE_EDITED = ("DOCKERHUB_TAG", "AWS_BUCKET")

# An unchanged line is repeated this often, to show in a log that the monitor is alive.
_REPEAT_SECONDS = 600.0
# Failed jobs shown on the terminal; the summary in the bucket has more.
_MOST_FAILURES = 10


@dataclass(frozen=True)
class Pace:
    """How often the monitor looks, when it trusts a zero, and how often it prints a line; in seconds."""

    seconds: float = 60.0
    patience: Patience = Patience()
    between_lines: float = 0.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_monitor_file(parser)
    parser.add_argument(
        "cheapest_word",
        metavar="True",
        nargs="?",
        choices=["True", "False"],
        help="same as --cheapest",
    )
    parser.add_argument(
        "--cheapest",
        action="store_true",
        help="15 minutes after the start no machine is replaced any more: slower, and cheaper",
    )


def run(arguments: argparse.Namespace, context: Context) -> None:
    path, cheapest = arguments.monitorfile, arguments.cheapest
    if path is not None and str(path) in ("True", "False"):  # `monitor True`: no file was named
        path, cheapest = None, cheapest or str(path) == "True"
    run_file = find_run(context, path)
    summary = monitor(context, run_file, cheapest or arguments.cheapest_word == "True", Pace())
    raise_unless_well(summary)


def monitor(context: Context, run_file: MonitorFile, cheapest: bool, pace: Pace) -> attempt_log.Summary:
    """Watch the run to its end and tear it down. Returns the run in figures.

    Raises Interrupted on Ctrl-C (nothing is changed), and AwsRefusal when jobs are left without a fleet or
    a step of the teardown was refused.
    """
    return end(context, run_file, until_drained(context, run_file, cheapest, pace))


def raise_unless_well(summary: attempt_log.Summary) -> None:
    """Raise JobsFailed, so that a script learns of it, for a run whose jobs failed or left nothing."""
    if summary.failed:
        raise JobsFailed(f"{count(summary.failed, 'job')} failed; see above")
    if summary.empty:
        raise JobsFailed(f"{summary.empty:,} of {count(summary.done, 'job')} left no file; see above")


def until_drained(context: Context, run_file: MonitorFile, cheapest: bool, pace: Pace) -> str:
    """Watch the run until it can be ended. Returns why. Raises Interrupted; AwsRefusal for stranded jobs."""
    context.console.say(f"Watching {run_file.app_name} ({run_file.fleet_id or 'fleet not known yet'})")
    try:
        decision = _watch(context, run_file, cheapest, pace)
    except KeyboardInterrupt:
        raise Interrupted(
            "Interrupted. Machines and jobs go on as they are; watch and end them with:  "
            + _again(context, run_file)
        ) from None
    if decision.action is Action.STRANDED:
        raise AwsRefusal(
            f"{decision.why}. The jobs are still in the queue {run_file.queue_name}, and no machine runs. "
            "Start machines again:  " + context.command("startCluster files/exampleFleet.json")
        )
    return decision.why


def end(context: Context, run_file: MonitorFile, why: str, again: str = "") -> attempt_log.Summary:
    """Tear the run down. Returns its summary.

    ``again``: the command that finishes an interrupted teardown, if not monitor. Raises Interrupted on
    Ctrl-C, AwsRefusal when a step was refused.
    """
    console, again = context.console, again or _again(context, run_file)
    console.say(f"Ending the run: {why}")
    try:
        ended = end_run(context.aws, run_file, context.files, console.say)
        summary = ended.summary or summarise(context.aws, run_file)
    except KeyboardInterrupt:
        raise Interrupted(f"Interrupted while ending the run. Finish it with:  {again}") from None
    for line in messages.figures(summary, run_file, ended.dead):
        console.result(line)
    for line in messages.warnings(summary) + messages.failures(summary, _MOST_FAILURES):
        console.result(line)
    if not ended.complete:
        raise AwsRefusal(
            "Not everything could be removed:\n"
            + "\n".join("- " + one for one in ended.refused + ended.waiting)
            + f"\nFinish it with:  {again}"
        )
    put_into_bucket(context, run_file)
    if ended.dead:
        console.next_command(context.command("failedJobs"))
    return summary


def _again(context: Context, run_file: MonitorFile) -> str:
    return context.command("monitor", context.files / run_file.monitor_file_name)


class Lines:
    """Chooses what to print: not too often, and no line twice without a long pause.

    Machines released in a look without a line are counted in the next line.
    """

    def __init__(self, between: float) -> None:
        self._between = between
        self._shown, self._shown_at = "", 0.0
        self._released = 0

    def of(self, look: Look, now: float) -> str | None:
        """The line to print at ``now`` (seconds since 1970), or None."""
        self._released += look.released
        line = _line(look, self._released)
        old = line == self._shown and not self._released
        if now - self._shown_at < (_REPEAT_SECONDS if old else self._between):
            return None
        self._shown, self._shown_at, self._released = line, now, 0
        return f"{time.strftime('%H:%M:%S', time.localtime(now))}  {line}"


def _watch(context: Context, run_file: MonitorFile, cheapest: bool, pace: Pace) -> Decision:
    """Look and act until the run can be ended or is stranded."""
    aws, console = context.aws, context.console
    state = MonitorState(started=run_file.start_time)
    lines, looked = Lines(pace.between_lines), False
    while True:
        try:
            look, state = tick(aws, run_file, state, cheapest, pace.patience)
        except Exception as error:
            told = explain(error)
            if told is None or not looked:
                raise
            console.warn(f"{told} - still watching")
            if session_expired(error):
                aws.renew()
        else:
            looked = True
            if look.decision.action in (Action.FINISH, Action.STRANDED):
                return look.decision
            line = lines.of(look, aws.clock.now())
            if line:
                console.say(line)
        aws.clock.sleep(pace.seconds)


def _line(look: Look, released: int) -> str:
    parts = ["no queue"]
    if look.counts is not None:
        waiting = look.counts.visible + look.counts.delayed
        parts = [f"jobs: {waiting:,} waiting, {look.counts.in_flight:,} in flight"]
    target = f" of {look.fleet.target}" if look.fleet else ""
    parts.append(f"machines: {look.machines}{target}")
    if released:
        parts.append(f"{released} released: nothing left for them to do")
    if look.decision.action is Action.RESIZE or "making sure" in look.decision.why:
        parts.append(look.decision.why)
    return "; ".join(parts)
