"""Logs the machine's health every 30 s: a line of JSON to LOG_GROUP_NAME_perInstance, and warnings."""

import json
import os
import signal
import sys
import time
from pathlib import Path

# Replaces this folder, so that no module of the worker shadows one of Python's.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from worker.aws.cloudwatch_logs import CloudWatchLogs  # noqa: E402 - found through the line above
from worker.container.instance_health import InstanceHealth, warnings  # noqa: E402
from worker.container.supervisor import say  # noqa: E402


def main() -> None:
    import boto3

    every = float(os.environ.get("MONITOR_SECONDS") or 30)
    folder = os.environ.get("WORK_FOLDER", "/home/ubuntu")
    group, instance = os.environ["LOG_GROUP_NAME"] + "_perInstance", os.environ["INSTANCE_ID"]
    told: list[int] = []  # no Event: a handler must not meet a lock that the interrupted code holds
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: told.append(number))
    health = InstanceHealth(folder)
    logs = CloudWatchLogs(boto3.client("logs", region_name=os.environ["AWS_REGION"]), say)
    due = time.monotonic() + every
    while not told:
        time.sleep(min(every, 0.5))
        if time.monotonic() < due:
            continue
        due += every
        measured = health.measure()
        found = warnings(measured)
        logs.write(group, instance, json.dumps({"instance": instance, **measured, "warnings": found}))
        for warning in found:
            say(f"Warning: {warning}")
    logs.close()


if __name__ == "__main__":
    main()
