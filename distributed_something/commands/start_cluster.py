"""`run.py startCluster FLEETFILE`: requests the spot fleet, scales up the service, awaits machines."""

from __future__ import annotations

import argparse
import json
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from ..aws import account, bucket, dashboard, fleet, queue, service, task_definition
from ..aws.errors import explain
from ..aws.fleet import Fleet
from ..checks.all_checks import findings
from ..errors import AwsRefusal, Interrupted, UserError
from ..fleet.planner import plan_request
from ..monitor import lambda_schedule
from ..run import monitor_file, provenance
from ..run.monitor_file import MonitorFile
from .context import Context

EXAMPLE = "python run.py startCluster files/exampleFleet.json"
MUST_BE_EDITED = ("DOCKERHUB_TAG", "AWS_BUCKET")

_POLL_SECONDS = 5.0
# Machines usually start within two minutes; after this, leave the waiting to the monitor.
_PATIENCE_SECONDS = 600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("fleetfile", metavar="FLEETFILE", type=Path, help="the fleet file (JSON)")
    parser.add_argument("--dry-run", action="store_true", help="print the fleet request and start nothing")
    parser.add_argument("--no-check", action="store_true", help="do not look for mistakes first")
    parser.add_argument(
        "--cheapest",
        action="store_true",
        help="with AUTO_MONITOR: 15 minutes after the start no machine is replaced any more",
    )


def run(arguments: argparse.Namespace, context: Context) -> None:
    if arguments.dry_run:
        config = fleet_config(context, arguments.fleetfile, client_token=str(uuid.uuid4()))
        context.console.result(json.dumps(config, indent=1))
        return
    if not arguments.no_check:
        _refuse_mistakes(context, arguments.fleetfile)
    path = start(context, arguments.fleetfile, arguments.cheapest)
    context.console.next_command(context.command("monitor", path))


def fleet_config(context: Context, path: Path, client_token: str) -> dict[str, Any]:
    """The SpotFleetRequestConfig built from the fleet file and config.py. Raises UserError."""
    config, notes = plan_request(context.aws, context.settings, path, client_token)
    for note in notes:
        context.console.warn(note)
    return config


def start(context: Context, path: Path, cheapest: bool = False) -> Path:
    """Start the run's machines. Returns the path of the monitor file.

    ``cheapest`` is for the unattended monitor, with AUTO_MONITOR.

    Raises UserError before anything is created, AwsRefusal if EC2 starts no machines (the fleet is cancelled
    again), and Interrupted with the command that goes on.
    """
    unfinished = _unfinished_start(context)
    token = unfinished.client_token if unfinished else str(uuid.uuid4())
    config = fleet_config(context, path, token)
    there = next(iter(fleet.find_live(context.aws, context.settings.app_name)), None)
    if there and not unfinished:
        _refuse_second_fleet(context, there)
    _refuse_unprepared(context, config)
    run_file = _request(context, token, config, there, cheapest)
    monitor_path = context.files / run_file.monitor_file_name
    try:
        _scale_out(context, run_file)
        _report_watching(context, run_file)
        _keep(context, run_file, config)
        _make_dashboard(context, run_file)
        _await_machines(context, run_file)
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted. The fleet {run_file.fleet_id} stands and costs money; watch and end it with:  "
            + context.command("monitor", monitor_path)
        ) from None
    return monitor_path


def _unfinished_start(context: Context) -> MonitorFile | None:
    """The monitor file of a start interrupted before the fleet's id was saved."""
    path = context.files / context.settings.monitor_file_name
    before = monitor_file.load_monitor_file(path) if path.exists() else None
    return before if before and not before.fleet_id else None


def _refuse_second_fleet(context: Context, there: Fleet) -> NoReturn:
    settings = context.settings
    raise UserError(
        f"The fleet {there.id} of {settings.app_name} is running already ({there.fulfilled} machines). Watch "
        "and end it first:  " + context.command("monitor", context.files / settings.monitor_file_name)
    )


def _refuse_unprepared(context: Context, config: dict[str, Any]) -> None:
    """Raise UserError if `setup` has not yet created what the machines need."""
    aws, settings = context.aws, context.settings
    if queue.find_url(aws, settings.sqs_queue_name) is None:
        raise UserError(f"There is no queue {settings.sqs_queue_name} yet: {context.command('setup')}")
    if service.find(aws, settings.ecs_cluster, settings.service_name) is None:
        raise UserError(f"There is no service {settings.service_name} yet: {context.command('setup')}")
    _refuse_containers_without_rights(context, config)


def _request(
    context: Context, token: str, config: dict[str, Any], there: Fleet | None, cheapest: bool
) -> MonitorFile:
    """Request the fleet, or take over the one that is ``there``; save the monitor file before and after."""
    aws, settings, console = context.aws, context.settings, context.console
    watched = settings.auto_monitor and lambda_schedule.is_set_up(aws)
    begun = MonitorFile.begin(settings, token, aws.clock.now(), watched)
    bucket.delete(aws, begun.bucket_name, begun.state_key)  # of an earlier run
    _save(context, begun)
    try:
        if begun.auto_monitor:  # before there is anything to watch: no crash leaves machines unwatched
            lambda_schedule.start_schedule(aws, begun, cheapest)
        fleet_id = there.id if there else fleet.request(aws, config)
    except aws.ec2.exceptions.ClientError:
        if not there:
            _forget(context, begun)  # a refused request has made nothing
        raise
    run_file = replace(begun, fleet_id=fleet_id)
    _save(context, run_file)
    console.say(
        f"Fleet {fleet_id}: {settings.cluster_machines} machines of {', '.join(settings.machine_type)} at up "
        f"to ${config['SpotPrice']} an hour each"
    )
    return run_file


def _scale_out(context: Context, run_file: MonitorFile) -> None:
    """Have ECS place containers on the machines that join."""
    wanted = context.settings.desired_tasks
    service.scale(context.aws, run_file.ecs_cluster, run_file.service_name, wanted)
    context.console.say(f"Service {run_file.service_name}: {wanted} containers wanted")


def _refuse_mistakes(context: Context, path: Path) -> None:
    """Show the notes of `check`. Raises UserError with every mistake."""
    found = list(findings(context.aws, context.settings, path))
    for one in found:
        if not one.is_mistake:
            context.console.say(one.line())
    mistakes = [one.line() for one in found if one.is_mistake]
    if mistakes:
        again = context.command("startCluster", path, "--no-check")
        raise UserError("\n".join(mistakes) + f"\nNothing was started. To start all the same:  {again}")


def _refuse_containers_without_rights(context: Context, config: dict[str, Any]) -> None:
    """Raise UserError if neither the containers nor their machines have the permissions they need.

    With setupAWS, the machines' role has no permissions for queue or bucket: containers have a role of their
    own, which an earlier `setup` may not have used yet.
    """
    aws, settings = context.aws, context.settings
    ours = f":instance-profile/{account.INSTANCE}"
    specs = config.get("LaunchSpecifications") or []
    if not any(str(spec.get("IamInstanceProfile", {}).get("Arn", "")).endswith(ours) for spec in specs):
        return
    if not (task_definition.latest(aws, settings.task_family) or {}).get("taskRoleArn"):
        raise UserError(
            "The containers have no role yet, since setupAWS was run after setup; repeat:  "
            + context.command("setup")
        )


def _report_watching(context: Context, run_file: MonitorFile) -> None:
    """Report who watches the run, and whether NOTIFY_EMAIL will be notified of its end."""
    if run_file.auto_monitor:
        context.console.say("The run is watched, and ended when it is done, without you (AUTO_MONITOR)")
    elif context.settings.auto_monitor:
        context.console.warn(
            "AUTO_MONITOR is on, but the unattended monitor is not set up in this account and region: keep "
            "`monitor` running, or once for the account:  " + context.command("setupAWS")
        )
    trouble = lambda_schedule.email_problem(context.aws, context.settings)
    if trouble:
        context.console.warn(trouble)


def _keep(context: Context, run_file: MonitorFile, config: dict[str, Any]) -> None:
    """Keep what is needed to repeat the run. A failure is only a warning."""
    aws = context.aws
    try:
        definition = task_definition.latest(aws, run_file.task_family) or {}
        provenance.keep_start(aws, run_file, config, definition, context.config)
    except aws.s3.exceptions.ClientError as error:
        context.console.warn(f"What the run was started with was not kept: {explain(error)}")


def _make_dashboard(context: Context, run_file: MonitorFile) -> None:
    """Create the dashboard. A failure is only a warning."""
    aws, settings = context.aws, context.settings
    if not settings.create_dashboard:
        return
    try:
        dashboard.put(aws, settings, run_file.fleet_id)
    except aws.cloudwatch.exceptions.ClientError as error:
        context.console.warn(f"No dashboard: {explain(error)}")
        return
    context.console.say(f"Dashboard {settings.app_name}: {dashboard.dashboard_url(settings)}")


def _await_machines(context: Context, run_file: MonitorFile) -> None:
    """Wait for the fleet's machines; cancel the fleet if its history has an error and none started."""
    aws, console = context.aws, context.console
    deadline = aws.clock.now() + _PATIENCE_SECONDS
    wanted = context.settings.cluster_machines
    with console.progress(wanted, "Machines running") as progress:
        while True:
            running = len(fleet.instance_ids(aws, run_file.fleet_id))
            progress.reach(running, "waiting for EC2" if running < wanted else "")
            if running >= wanted:
                return
            problems = fleet.fleet_errors(aws, run_file.fleet_id, run_file.start_time - 60)
            if problems and not running:
                break
            if aws.clock.now() > deadline:
                console.warn(
                    f"{running} of {wanted} machines run after {_PATIENCE_SECONDS / 60:.0f} minutes; EC2 "
                    "goes on trying for more"
                )
                return
            aws.clock.sleep(_POLL_SECONDS)
    service.scale(aws, run_file.ecs_cluster, run_file.service_name, 0)
    fleet.cancel(aws, run_file.fleet_id)
    _forget(context, run_file)
    raise AwsRefusal(
        "EC2 starts no machine, so the fleet was cancelled:\n"
        + "\n".join("- " + problem for problem in problems)
        + "\nThe jobs are still in the queue. Mend it and start again"
    )


def _save(context: Context, run_file: MonitorFile) -> Path:
    bucket.put_text(context.aws, run_file.bucket_name, run_file.monitor_file_key, run_file.to_json())
    return run_file.save(context.files)


def _forget(context: Context, run_file: MonitorFile) -> None:
    if run_file.auto_monitor:
        lambda_schedule.delete_schedule(context.aws, run_file)
    if context.settings.create_dashboard:
        dashboard.delete(context.aws, run_file.app_name)
    (context.files / run_file.monitor_file_name).unlink()
    bucket.delete(context.aws, run_file.bucket_name, run_file.monitor_file_key)
