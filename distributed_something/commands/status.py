"""`run.py status`: shows jobs, rate, machines, cost, the latest failures, and why nothing is running."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

from ..aws import container_instances, fleet, logs, queue, spot_prices, stopped_reasons
from ..errors import UserError
from ..monitor.tick import find_fleet
from ..outcomes import attempt_log
from ..report import run_status
from ..report.run_status import RunStatus, Seen
from ..run.monitor_file import MonitorFile
from .context import Context
from .monitor_file import add_monitor_file, run_in_bucket, run_on_this_computer

EXAMPLE = "python run.py status --watch"
MUST_BE_EDITED = ("DOCKERHUB_TAG", "AWS_BUCKET")

_WATCH_SECONDS = 15.0
# Latest failures shown.
_MOST_FAILURES = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_monitor_file(parser)
    parser.add_argument("--watch", action="store_true", help="again every 15 seconds, until Ctrl-C")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(arguments: argparse.Namespace, context: Context) -> None:
    console = context.console
    run_file = _run(context, arguments.monitorfile)
    while True:
        seen = look(context, run_file)
        if arguments.json:
            console.result(json.dumps(asdict(seen)))
        else:
            console.result("\n".join(run_status.status_lines(seen)))
        if not arguments.watch:
            break
        context.aws.clock.sleep(_WATCH_SECONDS)
    if not arguments.json:
        console.next_command(context.command(_next(seen, run_file)))


def look(context: Context, run_file: MonitorFile) -> RunStatus:
    """The current state of the run."""
    aws, settings, now = context.aws, context.settings, context.aws.clock.now()
    url = queue.find_url(aws, run_file.queue_name)
    held = (queue.get_counts(aws, url) if url else None) or queue.Counts(0, 0, 0)
    running = find_fleet(aws, run_file)
    machines = fleet.instance_ids(aws, running.id) if running else []
    joined = container_instances.describe_instances(
        aws, run_file.ecs_cluster, run_file.app_name, run_file.service_name, machines
    )
    spans = fleet.instance_spans(aws, run_file.fleet_id, run_file.start_time) if run_file.fleet_id else {}
    attempts = list(attempt_log.attempts(logs.events(aws, run_file.ledger_log_group, run_file.start_time)))
    seen = Seen(
        now=now,
        waiting=held.visible + held.delayed,
        running=held.in_flight,
        dead=queue.count_messages(aws, run_file.dead_letter_queue),
        wanted=running.target if running else 0,
        there=len(machines),
        busy=sum(host.protected > 0 for host in joined),
        machine_seconds=run_status.instance_seconds(spans, now),
        price=spot_prices.usual_price(aws, settings.machine_type, settings.machine_price) if spans else None,
    )
    summary = attempt_log.summarise(sorted(attempts, key=lambda one: -one.end), _MOST_FAILURES)
    if held.total and not held.in_flight and run_file.fleet_id:
        seen = replace(seen, troubles=_troubles(context, run_file, joined, bool(running)))
    return run_status.summarise_run(run_file, seen, summary, run_status.recently_done(attempts, now))


def _run(context: Context, path: Path | None) -> MonitorFile:
    """The run; before startCluster, what setup and submitJob have created.

    The queue is looked up before the monitor file's copy in the bucket: without a queue there are no jobs,
    and creating the S3 client takes a sixth of the answer's time.
    """
    here = run_on_this_computer(context, path)
    if here is not None:
        return here
    settings = context.settings
    if queue.find_url(context.aws, settings.sqs_queue_name) is None:
        raise UserError(
            f"No run of {settings.app_name} is known here, and there is no queue {settings.sqs_queue_name}. "
            "Either it has ended, or setup has not been run. What an end that was cut off may have left is "
            f"listed by:  {context.command('cleanup', settings.app_name)}"
        )
    return run_in_bucket(context) or MonitorFile.begin(settings, "", context.aws.clock.now())


def _troubles(
    context: Context,
    run_file: MonitorFile,
    joined: list[container_instances.ContainerInstance],
    running: bool,
) -> list[str]:
    """Why jobs wait and none runs, as far as AWS reports it."""
    aws = context.aws
    if not running:
        return ["the fleet has ended, and jobs are left: start machines again with startCluster"]
    found = fleet.fleet_errors(aws, run_file.fleet_id, run_file.start_time - 60)
    found += stopped_reasons.find_reasons(
        aws, run_file.ecs_cluster, run_file.service_name, run_file.start_time
    )
    if not joined and not found:
        found.append("EC2 has not started a machine yet: it has none at this price now, or is about to")
    if joined and not any(host.container_instance for host in joined):
        found.append(
            "machines run, but none has joined the cluster: that takes two minutes; after that, can they "
            "reach the internet (ASSIGN_IP, NAT gateway), and does their role carry the ECS agent's rights?"
        )
    return found


def _next(seen: RunStatus, run_file: MonitorFile) -> str:
    if not run_file.fleet_id:
        return "startCluster files/exampleFleet.json"
    return "failedJobs" if seen.dead else "monitor"
