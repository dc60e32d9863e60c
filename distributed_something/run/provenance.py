"""Keeps what is needed to repeat a run in its bucket, in reports/APP_NAME/.

config.py, tool.py, the job file's digest and size, the fleet request as sent, the task definition, versions.
"""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path
from typing import Mapping

from .. import __version__
from ..aws import bucket
from ..aws.session import Aws
from ..config.settings import Settings
from .monitor_file import MonitorFile


def run_folder(run: MonitorFile) -> str:
    """The folder of one start of the run."""
    return f"reports/{run.app_name}/{int(run.start_time)}/"


def keep_jobs(aws: Aws, settings: Settings, path: Path, jobs: int) -> None:
    """Record which job file was submitted."""
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    note = {"file": path.name, "sha256": digest, "bytes": len(content), "jobs": jobs, "sent": aws.clock.now()}
    key = f"reports/{settings.app_name}/jobs-{digest[:12]}.json"
    bucket.put_text(aws, settings.aws_bucket, key, json.dumps(note, indent=1))


def keep_start(
    aws: Aws, run: MonitorFile, request: Mapping[str, object], task: Mapping[str, object], config: Path | None
) -> None:
    """Record what machines and containers were started with."""
    import boto3

    versions = {
        "distributed-something": __version__,
        "python": platform.python_version(),
        "boto3": boto3.__version__,
    }
    documents = {
        "fleet-request.json": json.dumps(request, indent=1, default=str),
        "task-definition.json": json.dumps(task, indent=1, default=str),
        "versions.json": json.dumps(versions, indent=1),
    }
    if config is not None:
        for name, path in (("config.py", config), ("tool.py", config.with_name("tool.py"))):
            if path.exists():
                documents[name] = path.read_text(encoding="utf-8")
    for name, text in documents.items():
        bucket.put_text(aws, run.bucket_name, run_folder(run) + name, text)


def documents(aws: Aws, run: MonitorFile) -> dict[str, str]:
    """{name: text} of what was recorded for this run, with the app's job files."""
    found = {}
    for prefix in (f"reports/{run.app_name}/jobs-", run_folder(run)):
        for key, _ in bucket.keys(aws, run.bucket_name, prefix):
            name = key.rsplit("/", 1)[-1]
            if not name.endswith(".html"):
                found[name] = bucket.get_text(aws, run.bucket_name, key) or ""
    return found
