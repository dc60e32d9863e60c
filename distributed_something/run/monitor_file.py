"""The monitor file: what a later command, on any machine, needs to watch and end a run.

It is written before the fleet is requested, with the client token, and again with the fleet's id. After a
crash in between, the fleet is found by the token. A copy is kept in the run's bucket.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Callable

from ..config.run_names import RunNames
from ..config.settings import Settings
from ..errors import UserError
from ..json_file import load_json, parse_json

# A start time beyond this (the year 5138) is one of the classic toolkit, in milliseconds.
_LATEST_SECONDS = 1e11


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")
    return value


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, bool) or not 0 <= number < 1e15:  # false for NaN, too
        raise ValueError("must be a number from 0 on")
    return number


def _whole(value: Any) -> int:
    return int(_number(value))


def _moment(value: Any) -> float:
    """Seconds since 1970."""
    number = _number(value)
    return number / 1000 if number > _LATEST_SECONDS else number


def _boolean(value: object) -> bool:
    return str(value).lower() == "true"


_REQUIRED = object()


def _stored(key: str, read: Callable[[Any], Any], default: Any = _REQUIRED, setting: str = "") -> Any:
    """A field of MonitorFile: its key, its reader, and its value in a file without that key.

    ``setting``: the field of Settings it is copied from when a run begins, or ''.
    """
    metadata = {"key": key, "read": read, "setting": setting}
    if default is _REQUIRED:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class MonitorFile(RunNames):
    """A run. ``fleet_id`` is '' from before the fleet is requested until its id is known.

    ``start_time``: seconds since 1970. The names of queue, service and log groups are those at the start,
    since config.py may change meanwhile. A number of 0 means unknown: the file is one of the classic toolkit.
    """

    fleet_id: str = _stored("MONITOR_FLEET_ID", _text)
    app_name: str = _stored("MONITOR_APP_NAME", _text, setting="app_name")
    ecs_cluster: str = _stored("MONITOR_ECS_CLUSTER", _text, setting="ecs_cluster")
    queue_name: str = _stored("MONITOR_QUEUE_NAME", _text, setting="sqs_queue_name")
    bucket_name: str = _stored("MONITOR_BUCKET_NAME", _text, setting="aws_bucket")
    log_group_name: str = _stored("MONITOR_LOG_GROUP_NAME", _text, setting="log_group_name")
    start_time: float = _stored("MONITOR_START_TIME", _moment, 0.0)
    clean_dashboard: bool = _stored("CLEAN_DASHBOARD", _boolean, True, setting="clean_dashboard")
    client_token: str = _stored("MONITOR_CLIENT_TOKEN", _text, "")
    dead_letter_queue: str = _stored("MONITOR_DEAD_LETTER_QUEUE", _text, "", setting="sqs_dead_letter_queue")
    cluster_machines: int = _stored("MONITOR_CLUSTER_MACHINES", _whole, 0, setting="cluster_machines")
    tasks_per_machine: int = _stored("MONITOR_TASKS_PER_MACHINE", _whole, 0, setting="tasks_per_machine")
    docker_cores: int = _stored("MONITOR_DOCKER_CORES", _whole, 1, setting="docker_cores")
    notify_email: str = _stored("MONITOR_NOTIFY_EMAIL", _text, "", setting="notify_email")
    auto_monitor: bool = _stored("MONITOR_AUTO", _boolean, False)

    @classmethod
    def begin(
        cls, settings: Settings, client_token: str, now: float, auto_monitor: bool = False
    ) -> MonitorFile:
        """The file of a run whose fleet is about to be requested."""
        taken = {
            one.name: getattr(settings, one.metadata["setting"])
            for one in fields(cls)
            if one.metadata["setting"]
        }
        return cls(fleet_id="", start_time=now, client_token=client_token, auto_monitor=auto_monitor, **taken)

    @property
    def jobs_each(self) -> int:
        """The number of jobs that a machine runs at a time."""
        return max(1, self.tasks_per_machine * self.docker_cores)

    @property
    def summary_key(self) -> str:
        """The key of the run's summary, written when it has ended."""
        return f"exportedlogs/{self.app_name}_summary/{int(self.start_time)}.json"

    def to_json(self) -> str:
        document = {one.metadata["key"]: getattr(self, one.name) for one in fields(self)}
        for key, value in document.items():
            if isinstance(value, bool):
                document[key] = str(value)  # as the classic toolkit wrote it
        return json.dumps(document, indent=1) + "\n"

    def save(self, folder: Path) -> Path:
        """Write the file whole or not at all; a crash leaves the previous one."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.monitor_file_name
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


def load_monitor_file(path: Path) -> MonitorFile:
    """Read a monitor file. Raises UserError if it is not one."""
    return _from_document(load_json(path, "monitor file"), str(path))


def parse_monitor_file(text: str, where: str) -> MonitorFile:
    """Read a monitor file's text; ``where`` names its place in messages."""
    return _from_document(parse_json(text, where), where)


def _from_document(document: object, where: str) -> MonitorFile:
    if not isinstance(document, dict):
        raise UserError(f"{where} is not a monitor file; startCluster writes one")
    values: dict[str, Any] = {}
    for one in fields(MonitorFile):
        key = one.metadata["key"]
        if key not in document:
            if one.default is MISSING:
                raise UserError(f"{where}: {key} is missing; this is not a monitor file of startCluster")
            continue
        try:
            values[one.name] = one.metadata["read"](document[key])
        except ValueError as problem:
            raise UserError(f"{where}: {key} {problem}; this is not a monitor file of startCluster") from None
    return MonitorFile(**values)
