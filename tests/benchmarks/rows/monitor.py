"""What watching a run costs: AWS calls and processor time of an hour, for 100 and for 5,000 machines."""

from __future__ import annotations

import io
import json
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Callable
from urllib.parse import parse_qs

from botocore.awsrequest import AWSResponse

from distributed_something.aws import alarms, fleet, instances, queue
from distributed_something.aws.session import Aws
from distributed_something.commands.context import Context
from distributed_something.commands.local import emulated_aws, rehearsal_settings
from distributed_something.commands.monitor_file import find_run
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import start
from distributed_something.config import loader
from distributed_something.local.emulator import Emulator
from distributed_something.monitor.scaling_policy import MonitorState, Patience
from distributed_something.monitor.tick import tick
from distributed_something.run.monitor_file import MonitorFile
from distributed_something.terminal.console import Console
from tests.benchmarks.measure import Finding, Samples
from tests.benchmarks.project import write_config

MINUTES = 60
FEW, MANY = 100, 5000
# DescribeSpotFleetInstances gives so many at a time.
_PAGE = 1000


class HourClock:
    """The time, moved by hand."""

    def __init__(self) -> None:
        self._now = time.time()

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


class _Pages:
    """Answers in EC2's words for a fleet larger than an emulator can hold."""

    def __init__(self, machines: int) -> None:
        self._machines = machines

    def __call__(self, request: Any, **rest: Any) -> AWSResponse:
        asked = parse_qs(request.body.decode() if isinstance(request.body, bytes) else request.body)
        first = int(asked.get("NextToken", ["0"])[0])
        last = min(first + _PAGE, self._machines)
        items = "".join(f"<item><instanceId>i-{one:017x}</instanceId></item>" for one in range(first, last))
        more = f"<nextToken>{last}</nextToken>" if last < self._machines else ""
        name = "DescribeSpotFleetInstancesResponse"
        body = f"<{name}><activeInstanceSet>{items}</activeInstanceSet>{more}</{name}>".encode()
        answer = AWSResponse(request.url, 200, {}, None)
        answer._content = body
        return answer


def _has_target(machines: int, parsed: dict[str, Any], **rest: Any) -> None:
    parsed["SpotFleetRequestConfigs"][0]["SpotFleetRequestConfig"]["TargetCapacity"] = machines


def measure() -> list[Finding]:
    samples = [sample for number in (FEW, MANY) for sample in _hours(number)]
    calls = {one.name: one.median for one in samples if one.unit == "calls"}
    few, many = (calls[f"our monitor, {number:,} machines"] for number in (FEW, MANY))
    pages = MINUTES * (MANY // _PAGE)
    return [
        Finding(
            "AWS calls of the monitor in an hour",
            tuple(samples),
            (
                (
                    "calls a minute do not grow with the run, except for the pages of its machines: "
                    f"{few / MINUTES:.1f} "
                    f"for {FEW} machines, {many / MINUTES:.1f} for {MANY:,}",
                    many - few <= pages,
                ),
            ),
            limit="reading the queue and its counts, the fleet, its machines (1,000 a page) and the "
            "service once a "
            "minute. The machines' containers are read only while some machines are to be released.",
            remarks=(
                "The classic rule reads the counts once a minute, and machines and alarms once an hour. It "
                "notices neither a fleet that has ended nor idle machines.",
            ),
        )
    ]


def _hours(number: int) -> list[Samples]:
    """An hour of our monitor and one of the classic rule, over the same fleet in an emulated AWS."""
    with Emulator() as emulator, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        config = loader.load(write_config(folder, CLUSTER_MACHINES=1))
        aws = emulated_aws(emulator.endpoint_url, "us-east-1")
        aws.clock = HourClock()  # type: ignore[assignment]
        aws.s3.create_bucket(Bucket=config.aws_bucket)
        console = Console(io.StringIO(), io.StringIO())
        settings = rehearsal_settings(config, 1)
        context = Context(settings, aws, console, files=folder / "files")
        setup(context)
        url = queue.find_url(aws, settings.sqs_queue_name) or ""
        queue.send_batch(aws, url, ["{}"] * 10, settings.app_name)
        fleet_file = folder / "fleet.json"
        fleet_file.write_text(json.dumps({"LaunchSpecifications": [{}]}))
        start(context, fleet_file)
        run_file = replace(find_run(context, None), cluster_machines=number)
        aws.ec2.meta.events.register("after-call.ec2.DescribeSpotFleetRequests", partial(_has_target, number))
        aws.ec2.meta.events.register("before-send.ec2.DescribeSpotFleetInstances", _Pages(number))
        watched = []
        for name, look in (
            ("our monitor", _our_looks(aws, run_file)),
            ("classic rule", _classic(aws, run_file)),
        ):
            calls, seconds = _watched(aws, look)
            told = f"{name}, {number:,} machines"
            watched.append(Samples(told, "60 looks", "calls", (calls,)))
            watched.append(Samples(told + ", processor", "60 looks", "s", (seconds,)))
        return watched


def _our_looks(aws: Aws, run_file: MonitorFile) -> Callable[[int], None]:
    memory = [MonitorState(started=run_file.start_time)]

    def look(minute: int) -> None:
        _, memory[0] = tick(aws, run_file, memory[0], False, Patience())

    return look


def _classic(aws: Aws, run_file: MonitorFile) -> Callable[[int], None]:
    """Counts each minute; machines and alarms once an hour."""

    def look(minute: int) -> None:
        url = queue.find_url(aws, run_file.queue_name) or ""
        queue.get_counts(aws, url)
        if minute == 0:
            fleet.find(aws, run_file.fleet_id)
            instances.find_billed(aws, run_file.app_name)
            alarms.alarm_names(aws, run_file.app_name)

    return look


def _watched(aws: Aws, look: Callable[[int], None]) -> tuple[float, float]:
    """An hour of looks. Returns how many calls they made, and the seconds of processor they took."""
    look(1)  # clients are made
    calls = [0]

    def note(**rest: Any) -> None:
        calls[0] += 1

    clients = [aws.sqs, aws.ec2, aws.ecs, aws.cloudwatch]
    for client in clients:
        client.meta.events.register("before-send", note)
    before = time.process_time()
    for minute in range(MINUTES):
        look(minute)
        aws.clock.sleep(60)
    seconds = time.process_time() - before
    for client in clients:
        client.meta.events.unregister("before-send", note)
    return float(calls[0]), seconds
