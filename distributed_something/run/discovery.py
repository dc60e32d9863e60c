"""Finds the runs in an account by their tagged resources, for when a monitor file is lost."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from ..aws import account, alarms, bucket, dashboard, scheduler
from ..aws.session import Aws
from ..config import run_names
from ..config.settings import Settings
from . import monitor_file, tagged_resources
from .monitor_file import MonitorFile
from .tagged_resources import TaggedResource


@dataclass(frozen=True)
class FoundRun:
    """One run and its resources."""

    app_name: str
    resources: list[TaggedResource]

    @property
    def last_made(self) -> float | None:
        """When the newest resource was created; None if AWS reports it for none."""
        return max((one.made for one in self.resources if one.made is not None), default=None)

    def names(self, kind: str) -> list[str]:
        return [one.name for one in self.resources if one.kind == kind]


def find_runs(aws: Aws, settings: Settings, app_name: str = "") -> list[FoundRun]:
    """The runs of this account and region, or only the named one, in alphabetical order.

    Monitor files are looked up in AWS_BUCKET.
    """
    found: dict[str, list[TaggedResource]] = defaultdict(list)
    for one in tagged_resources.find_tagged(aws):
        found[one.app_name].append(one)
    for name in scheduler.names(aws, account.NAME):
        found[name].append(TaggedResource(name, "schedule", name))
    for key, changed in bucket.keys(aws, settings.aws_bucket, "monitors/"):
        name = run_names.app_name_of(key)
        if name:
            found[name].append(TaggedResource(name, "monitor file", key, changed))
    if app_name:
        found = defaultdict(list, {app_name: found[app_name]})
    for name, resources in found.items():
        resources += [TaggedResource(name, "alarm", one) for one in alarms.alarm_names(aws, name)]
        if dashboard.exists(aws, name):
            resources.append(TaggedResource(name, "dashboard", name))
    return [FoundRun(name, found[name]) for name in sorted(found) if found[name]]


def monitor_files_of(aws: Aws, settings: Settings, run: FoundRun) -> list[MonitorFile]:
    """The monitor files to end the run with: its own, or one built from its resources.

    More than one if config.py was changed and the run left several queues or clusters.
    """
    text = bucket.get_text(aws, settings.aws_bucket, run_names.monitor_file_key(run.app_name))
    if text is not None:
        base = monitor_file.parse_monitor_file(text, f"s3://{settings.aws_bucket}/monitors/")
    else:
        groups = tagged_resources.log_groups(aws, run.app_name)
        base = MonitorFile(
            fleet_id="",
            app_name=run.app_name,
            ecs_cluster=settings.ecs_cluster,
            queue_name=run.app_name + "Queue",
            bucket_name=settings.aws_bucket,
            log_group_name=groups[0][: -len(run_names.LEDGER_LOG_SUFFIX)] if groups else run.app_name,
            start_time=min((one.made for one in run.resources if one.made is not None), default=0.0),
            clean_dashboard=True,
            client_token="",  # names a request, opens nothing  # nosec B106
            dead_letter_queue=settings.sqs_dead_letter_queue,
            auto_monitor=bool(run.names("schedule")),
        )
    queues = {base.queue_name, *run.names("queue")}
    clusters = {
        base.ecs_cluster,
        *run.names("cluster"),
        *(one.cluster for one in run.resources if one.cluster),
    }
    return [
        replace(base, queue_name=queue_name, ecs_cluster=cluster)
        for queue_name in sorted(queues, key=lambda name: (name != base.queue_name, name))
        for cluster in sorted(clusters, key=lambda name: (name != base.ecs_cluster, name))
    ]
