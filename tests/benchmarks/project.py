"""A user's config.py for the benchmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_CONFIG: dict[str, Any] = {
    "APP_NAME": "Bench",
    "DOCKERHUB_TAG": "bench/tool:1",
    "AWS_REGION": "us-east-1",
    "AWS_PROFILE": "default",
    "SSH_KEY_NAME": "",
    "AWS_BUCKET": "bench-bucket",
    "ECS_CLUSTER": "default",
    "CLUSTER_MACHINES": 2,
    "TASKS_PER_MACHINE": 1,
    "MACHINE_TYPE": ["m5.large"],
    "MACHINE_PRICE": 0.10,
    "EBS_VOL_SIZE": 30,
    "DOCKER_CORES": 1,
    "CPU_SHARES": 1024,
    "MEMORY": 4000,
    "SQS_QUEUE_NAME": "BenchQueue",
    "SQS_MESSAGE_VISIBILITY": 60,
    "SQS_DEAD_LETTER_QUEUE": "BenchDead",
    "JOB_RETRIES": 3,
    "LOG_GROUP_NAME": "Bench",
    "CHECK_IF_DONE_BOOL": "False",
    "CREATE_DASHBOARD": "False",
    "AUTO_MONITOR": "False",
    "COMMAND": "echo {Metadata}",
}


def write_config(folder: Path, **changes: Any) -> Path:
    """Write config.py into the folder. Returns its path."""
    path = folder / "config.py"
    lines = (f"{name} = {value!r}\n" for name, value in {**_CONFIG, **changes}.items())
    path.write_text("".join(lines), encoding="utf-8")
    return path
