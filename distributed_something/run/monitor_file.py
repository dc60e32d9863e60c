"""The monitor file: what a later command, on any machine, must know of a run to watch it and to end it.

It is written before the fleet is requested, with the client token, and again with the fleet's id: a crash
in between leaves a file from which the fleet is found. A copy lies in the run's bucket.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..config.settings import Settings
from ..errors import UserError
from ..json_file import load_json, parse_json

_SUFFIX = "SpotFleetRequestId.json"


@dataclass(frozen=True)
class MonitorFile:
    """One run. ``fleet_id`` is '' from the moment before the fleet is requested until its id is known.

    ``start_time``: seconds since 1970. The names of queue, service and log groups are kept as they were
    at the start, since config.py may change meanwhile. A number of 0 is not known: the file is one of the
    classic toolkit.
    """

    fleet_id: str
    app_name: str
    ecs_cluster: str
    queue_name: str
    bucket_name: str
    log_group_name: str
    start_time: float
    clean_dashboard: bool
    client_token: str
    dead_letter_queue: str
    cluster_machines: int = 0
    tasks_per_machine: int = 0
    docker_cores: int = 1
    notify_email: str = ""
    auto_monitor: bool = False

    @classmethod
    def begin(
        cls, settings: Settings, client_token: str, now: float, auto_monitor: bool = False
    ) -> MonitorFile:
        """The file of a run whose fleet is about to be requested."""
        return cls(
            fleet_id="",
            app_name=settings.app_name,
            ecs_cluster=settings.ecs_cluster,
            queue_name=settings.sqs_queue_name,
            bucket_name=settings.aws_bucket,
            log_group_name=settings.log_group_name,
            start_time=now,
            clean_dashboard=settings.clean_dashboard,
            client_token=client_token,
            dead_letter_queue=settings.sqs_dead_letter_queue,
            cluster_machines=settings.cluster_machines,
            tasks_per_machine=settings.tasks_per_machine,
            docker_cores=settings.docker_cores,
            notify_email=settings.notify_email,
            auto_monitor=auto_monitor,
        )

    @property
    def jobs_each(self) -> int:
        """How many jobs a machine does at a time."""
        return max(1, self.tasks_per_machine * self.docker_cores)

    @property
    def service_name(self) -> str:
        return self.app_name + "Service"

    @property
    def task_family(self) -> str:
        return self.app_name + "Task"

    @property
    def ledger_log_group(self) -> str:
        return self.log_group_name + "_jobs"

    @property
    def log_groups(self) -> list[str]:
        return [self.log_group_name, self.log_group_name + "_perInstance", self.ledger_log_group]

    @property
    def file_name(self) -> str:
        return file_name(self.app_name)

    @property
    def bucket_key(self) -> str:
        return bucket_key(self.app_name)

    @property
    def memory_key(self) -> str:
        """What the unattended monitor remembers from one call to the next."""
        return state_key(self.app_name)

    @property
    def summary_key(self) -> str:
        """The run in figures, written when it has ended."""
        return f"exportedlogs/{self.app_name}_summary/{int(self.start_time)}.json"

    def to_json(self) -> str:
        document = {
            "MONITOR_FLEET_ID": self.fleet_id,
            "MONITOR_APP_NAME": self.app_name,
            "MONITOR_ECS_CLUSTER": self.ecs_cluster,
            "MONITOR_QUEUE_NAME": self.queue_name,
            "MONITOR_BUCKET_NAME": self.bucket_name,
            "MONITOR_LOG_GROUP_NAME": self.log_group_name,
            "MONITOR_START_TIME": self.start_time,
            "CLEAN_DASHBOARD": str(self.clean_dashboard),
            "MONITOR_CLIENT_TOKEN": self.client_token,
            "MONITOR_DEAD_LETTER_QUEUE": self.dead_letter_queue,
            "MONITOR_CLUSTER_MACHINES": self.cluster_machines,
            "MONITOR_TASKS_PER_MACHINE": self.tasks_per_machine,
            "MONITOR_DOCKER_CORES": self.docker_cores,
            "MONITOR_NOTIFY_EMAIL": self.notify_email,
            "MONITOR_AUTO": str(self.auto_monitor),
        }
        return json.dumps(document, indent=1) + "\n"

    def save(self, folder: Path) -> Path:
        """Write the file whole or not at all: a crash leaves the one that was there."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.file_name
        handle, temporary = tempfile.mkstemp(dir=str(folder), prefix=".monitor-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(self.to_json())
                out.flush()
                os.fsync(out.fileno())
            os.replace(temporary, str(path))
        except BaseException:
            os.unlink(temporary)
            raise
        return path


def file_name(app_name: str) -> str:
    return app_name + _SUFFIX


def bucket_key(app_name: str) -> str:
    """Where the bucket has a copy of the app's monitor file."""
    return "monitors/" + file_name(app_name)


def state_key(app_name: str) -> str:
    return f"monitors/{app_name}MonitorMemory.json"


def app_name_of(key: str) -> str:
    """The app whose monitor file this path or key names; '' for anything else."""
    name = key.rsplit("/", 1)[-1]
    return name[: -len(_SUFFIX)] if name.endswith(_SUFFIX) else ""


def load_monitor_file(path: Path) -> MonitorFile:
    """Read a monitor file. Raises UserError for what is none."""
    return _from_document(load_json(path, "monitor file"), str(path))


def parse_monitor_file(text: str, where: str) -> MonitorFile:
    """Read a monitor file's text; ``where`` names its place in messages."""
    return _from_document(parse_json(text, where), where)


def _from_document(document: Any, where: str) -> MonitorFile:
    if not isinstance(document, dict):
        raise UserError(f"{where}: this is no monitor file; startCluster writes one")

    def text(key: str, default: Any = None) -> str:
        value = document.get(key, default)
        if not isinstance(value, str):
            raise UserError(f"{where}: {key} is missing; this is no monitor file of startCluster")
        return value

    def number(key: str, default: float) -> float:
        try:
            return float(document.get(key, default))
        except (TypeError, ValueError):
            raise UserError(f"{where}: {key} is no number") from None

    known: dict[str, Any] = {
        "fleet_id": text("MONITOR_FLEET_ID"),
        "app_name": text("MONITOR_APP_NAME"),
        "ecs_cluster": text("MONITOR_ECS_CLUSTER"),
        "queue_name": text("MONITOR_QUEUE_NAME"),
        "bucket_name": text("MONITOR_BUCKET_NAME"),
        "log_group_name": text("MONITOR_LOG_GROUP_NAME"),
        "start_time": number("MONITOR_START_TIME", 0),
        "clean_dashboard": str(document.get("CLEAN_DASHBOARD", "True")).lower() == "true",
        "client_token": text("MONITOR_CLIENT_TOKEN", ""),
        "dead_letter_queue": text("MONITOR_DEAD_LETTER_QUEUE", ""),
        "cluster_machines": int(number("MONITOR_CLUSTER_MACHINES", 0)),
        "tasks_per_machine": int(number("MONITOR_TASKS_PER_MACHINE", 0)),
        "docker_cores": int(number("MONITOR_DOCKER_CORES", 1)),
        "notify_email": text("MONITOR_NOTIFY_EMAIL", ""),
        "auto_monitor": str(document.get("MONITOR_AUTO", "False")).lower() == "true",
    }
    return MonitorFile(**known)
