"""Real worker processes on the stub's queue."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3

from tests.benchmarks.measure import CHECKOUT
from tests.benchmarks.servers import KEYS, StubServer

PROGRAM = [sys.executable, str(CHECKOUT / "worker" / "generic-worker.py")]


def queue_url(stub: StubServer) -> str:
    return stub.url + "/000000000000/BenchQueue"


def client(stub: StubServer, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=stub.url,
        region_name=KEYS["AWS_DEFAULT_REGION"],
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )


def send(stub: StubServer, jobs: int) -> None:
    """Put so many jobs into the queue, numbered."""
    sqs = client(stub, "sqs")
    for first in range(0, jobs, 10):
        entries = [
            {"Id": str(one), "MessageBody": json.dumps({"group": {"n": f"{one:06}"}})}
            for one in range(first, min(first + 10, jobs))
        ]
        sqs.send_message_batch(QueueUrl=queue_url(stub), Entries=entries)


def environment(stub: StubServer, folder: Path, command: str, **changes: str) -> dict[str, str]:
    """What the task definition would give a worker."""
    return {
        **stub.environment(),
        "APP_NAME": "Bench",
        "AWS_REGION": KEYS["AWS_DEFAULT_REGION"],
        "AWS_BUCKET": "bench-bucket",
        "SQS_QUEUE_URL": queue_url(stub),
        "SQS_MESSAGE_VISIBILITY": "120",
        "LOG_GROUP_NAME": "Bench",
        "WORK_FOLDER": str(folder),
        "POLL_SECONDS": "1",
        "INSTANCE_ID": "i-bench",
        "COMMAND": command,
        **changes,
    }


def start(stub: StubServer, folder: Path, command: str, output: Any = subprocess.DEVNULL) -> subprocess.Popen:
    return subprocess.Popen(PROGRAM, env=environment(stub, folder, command), stdout=output, cwd=str(folder))
