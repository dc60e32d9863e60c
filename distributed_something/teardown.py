"""Ends a run: money stops first, data goes last, and every step may be repeated.

Killed anywhere and started again, it finishes. A step that AWS refuses is reported, and the others are
done all the same; the monitor file goes only when all succeeded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Tuple

from .aws import alarms, bucket, cluster, fleet, logs, queue, service, task
from .aws.refusals import explain
from .aws.session import Aws
from .runfile import RunFile

Step = Tuple[str, Callable[[], str]]

# A terminated machine leaves its cluster within a minute or two.
_CLUSTER_ATTEMPTS = 20
_CLUSTER_POLL_SECONDS = 10.0


def steps(aws: Aws, run_file: RunFile) -> list[Step]:
    """What ends the run, in order: (name, function that does it and says what it did)."""
    run = run_file
    return [
        ("Service scaled down", lambda: _scaled_down(aws, run)),
        ("Machines", lambda: _machines_ended(aws, run)),
        ("Alarms", lambda: f"{alarms.delete(aws, alarms.names(aws, run.app_name))} deleted"),
        ("Service", lambda: _deleted(service.delete(aws, run.ecs_cluster, run.service_name))),
        ("Task definition", lambda: f"{task.delete_all(aws, run.task_family)} revisions deleted"),
        *[(f"Log {group}", _exporter(aws, run, group)) for group in run.log_groups],
        ("Queue", lambda: _deleted(queue.delete(aws, run.queue_name))),
        ("Dead-letter queue", lambda: _dead_letter_queue(aws, run)),
        ("Cluster", lambda: _cluster(aws, run)),
    ]


def tear_down(aws: Aws, run_file: RunFile, files: Path, say: Callable[[str], None]) -> list[str]:
    """Do every step. Returns a sentence for each that AWS refused; empty when the run has ended."""
    refused: list[str] = []
    for name, act in steps(aws, run_file):
        try:
            say(f"{name}: {act()}")
        except Exception as error:
            told = explain(error)
            if told is None:
                raise
            refused.append(f"{name}: {told}")
            say(f"{name}: not yet: {told}")
    if not refused:
        bucket.delete(aws, run_file.bucket_name, run_file.bucket_key)
        path = files / run_file.file_name
        if path.exists():
            path.unlink()
    return refused


def _scaled_down(aws: Aws, run: RunFile) -> str:
    return "0 containers" if service.scale(aws, run.ecs_cluster, run.service_name, 0) else "gone"


def _machines_ended(aws: Aws, run: RunFile) -> str:
    """Cancel the run's fleet and any other that carries its tag."""
    ids = [one.id for one in fleet.live_of(aws, run.app_name)]
    if run.fleet_id and run.fleet_id not in ids:
        ids.append(run.fleet_id)
    cancelled = [fleet_id for fleet_id in ids if fleet.cancel(aws, fleet_id)]
    return f"fleet {', '.join(cancelled)} cancelled, machines terminated" if cancelled else "gone"


def _exporter(aws: Aws, run: RunFile, group: str) -> Callable[[], str]:
    """An export that AWS refuses loses nothing, so it does not keep the run from ending."""

    def export() -> str:
        try:
            return logs.export(aws, group, run.bucket_name, run.start_time)
        except aws.logs.exceptions.ClientError as error:
            return f"stays in CloudWatch for {logs.RETENTION_DAYS} days, not exported: {explain(error)}"

    return export


def _dead_letter_queue(aws: Aws, run: RunFile) -> str:
    """It is shared by a user's runs and keeps the failed jobs: removed only when nobody needs it."""
    url = queue.url_of(aws, run.dead_letter_queue) if run.dead_letter_queue else None
    if url is None:
        return "gone"
    if not queue.is_disposable(aws, url):
        return "kept: it holds failed jobs, or serves other runs"
    return _deleted(queue.delete(aws, run.dead_letter_queue))


def _cluster(aws: Aws, run: RunFile) -> str:
    """A cluster can be deleted once the terminated machines have left it."""
    outcome = cluster.delete_when_unused(aws, run.ecs_cluster, run.app_name)
    for _ in range(_CLUSTER_ATTEMPTS):
        if outcome != cluster.IN_USE:
            break
        aws.clock.sleep(_CLUSTER_POLL_SECONDS)
        outcome = cluster.delete_when_unused(aws, run.ecs_cluster, run.app_name)
    return outcome


def _deleted(was_there: bool) -> str:
    return "deleted" if was_there else "gone"
