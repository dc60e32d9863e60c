"""The steps that end a run: costs stop first, data goes last, and every step can be repeated.

shutdown.py executes them, and continues where an interrupted teardown stopped.
"""

from __future__ import annotations

from typing import Callable, Tuple

from ..aws import (
    alarms,
    cluster,
    container_instances,
    dashboard,
    fleet,
    instances,
    logs,
    queue,
    service,
    task_definition,
)
from ..aws.errors import explain
from ..aws.session import Aws
from ..errors import NotYet
from ..run.monitor_file import MonitorFile

# (name, function that does it and returns what it did). It raises NotYet if AWS needs more time.
Step = Tuple[str, Callable[[], str]]


def teardown_steps(aws: Aws, run_file: MonitorFile) -> list[Step]:
    """The steps that remove everything the run created, in order."""
    run = run_file
    return [
        ("Service scaled down", lambda: _scaled_down(aws, run)),
        ("Machines", lambda: _machines_ended(aws, run)),
        ("Service", lambda: _deleted(service.delete(aws, run.ecs_cluster, run.service_name))),
        (
            "Task definition",
            lambda: f"{task_definition.delete_revisions(aws, run.task_family)} revisions deleted",
        ),
        *[(f"Log {group}", _exporter(aws, run, group)) for group in run.log_groups],
        ("Alarms", lambda: f"{alarms.delete(aws, alarms.alarm_names(aws, run.app_name))} deleted"),
        ("Dashboard", lambda: _dashboard(aws, run)),
        ("Queue", lambda: _deleted(queue.delete(aws, run.queue_name))),
        ("Dead-letter queue", lambda: _dead_letter_queue(aws, run)),
        ("Cluster", lambda: _cluster(aws, run)),
    ]


def _scaled_down(aws: Aws, run: MonitorFile) -> str:
    return "0 containers" if service.scale(aws, run.ecs_cluster, run.service_name, 0) else "gone"


def _machines_ended(aws: Aws, run: MonitorFile) -> str:
    """Cancel the run's fleet and any other with its tag, and make sure that no machine is still billed."""
    ids = [one.id for one in fleet.find_live(aws, run.app_name)]
    if run.fleet_id and run.fleet_id not in ids:
        ids.append(run.fleet_id)
    cancelled = [fleet_id for fleet_id in ids if fleet.cancel(aws, fleet_id)]
    left = instances.find_billed(aws, run.app_name)
    if left:
        instances.terminate(aws, left)
        left = instances.find_billed(aws, run.app_name)
    if left:
        raise NotYet(f"{len(left)} machines are about to end")
    return f"fleet {', '.join(cancelled)} cancelled, machines terminated" if cancelled else "gone"


def _exporter(aws: Aws, run: MonitorFile, group: str) -> Callable[[], str]:
    """Nothing is lost if AWS refuses an export, so this does not keep the run from ending."""

    def export() -> str:
        try:
            return logs.export(aws, group, run.bucket_name, run.start_time)
        except aws.logs.exceptions.ClientError as error:
            return f"stays in CloudWatch for {logs.RETENTION_DAYS} days, not exported: {explain(error)}"

    return export


def _dashboard(aws: Aws, run: MonitorFile) -> str:
    if not run.clean_dashboard:
        return "kept, as CLEAN_DASHBOARD says"
    return _deleted(dashboard.delete(aws, run.app_name))


def _dead_letter_queue(aws: Aws, run: MonitorFile) -> str:
    """Delete the queue only if no run needs it: it is shared by a user's runs and keeps their failed jobs."""
    url = queue.find_url(aws, run.dead_letter_queue) if run.dead_letter_queue else None
    if url is None:
        return "gone"
    if not queue.is_disposable(aws, url):
        return "kept: it holds failed jobs, or serves other runs"
    return _deleted(queue.delete(aws, run.dead_letter_queue))


def _cluster(aws: Aws, run: MonitorFile) -> str:
    """Delete the cluster once the terminated machines have left it, which takes a minute or two."""
    outcome = cluster.delete_when_unused(aws, run.ecs_cluster, run.app_name)
    if outcome != cluster.IN_USE:
        return outcome
    if container_instances.list_joined(aws, run.ecs_cluster, run.app_name) or service.find(
        aws, run.ecs_cluster, run.service_name
    ):
        raise NotYet("the run's machines are still leaving it")
    # What is in it is another run's, unless ours has left since it was refused.
    return cluster.delete_when_unused(aws, run.ecs_cluster, run.app_name)


def _deleted(was_there: bool) -> str:
    return "deleted" if was_there else "gone"
