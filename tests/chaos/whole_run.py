"""The four commands, machines that come and go, and the teardown, all through a proxy that makes calls fail.

A command that gives up is typed again, as its last line says.
"""

from __future__ import annotations

import io
import json
import re
import time
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from distributed_something.aws import logs
from distributed_something.aws.errors import explain
from distributed_something.commands.context import Context
from distributed_something.commands.local import emulated_aws, tool_path
from distributed_something.commands.monitor import Pace, monitor
from distributed_something.commands.monitor_file import find_run
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import start
from distributed_something.commands.submit_job import submit
from distributed_something.config import loader
from distributed_something.errors import DistributedSomethingError
from distributed_something.local.containers import process_starter
from distributed_something.local.machines import Machines
from distributed_something.local.orphan_reaper import OrphanReaper
from distributed_something.monitor.scaling_policy import Patience
from distributed_something.terminal.console import Console
from tests.chaos.faults import Seeded
from tests.chaos.proxy import FaultyAws
from tests.chaos.stage import TOOL, Played, job_of
from tests.chaos.verdict import Facts, judge
from tests.functional.account import leftovers

if TYPE_CHECKING:
    from tests.chaos.scenarios import Scene

# Counts lag 3 seconds here and a minute on AWS; the monitor's patience is as much longer than that.
PACE = Pace(1.0, Patience(readings=4, seconds=4.0))
_FILES = 2
_MOST_TRIES = 10
Result = TypeVar("Result")


def play(scene: Scene) -> Played:
    """setup, submitJob, startCluster, monitor, and the end of the run; one call in twenty goes wrong"""
    begun = time.monotonic()
    jobs = [f"j{number}" for number in range(2000 if scene.full else 40)]
    runs = scene.folder / "runs"
    runs.touch()
    job_file, fleet_file = scene.folder / "job.json", scene.folder / "fleet.json"
    groups = [{"n": job, "end": "fail" if job == "j0" else "ok"} for job in jobs]
    job_file.write_text(json.dumps({"groups": groups}))
    fleet_file.write_text(json.dumps({"LaunchSpecifications": [{}]}))
    settings = loader.settings_from(_config(scene, runs), "config.py")
    direct = emulated_aws(scene.emulator.endpoint_url, "us-east-1")
    direct.s3.create_bucket(Bucket=scene.name)
    faults = Seeded(scene.seed, 0.05, twice=0.02, lagged=0.3)
    with ExitStack() as stack:
        scratch = scene.folder / "scratch"
        scratch.mkdir()
        guard = stack.enter_context(OrphanReaper(scratch))
        faulty = stack.enter_context(FaultyAws(scene.emulator, faults, silence=90))
        aws = emulated_aws(faulty.endpoint_url, "us-east-1")
        context = Context(settings, aws, Console(io.StringIO(), io.StringIO()), files=scene.folder / "files")
        around = {**faulty.environment(), "POLL_SECONDS": "1", "RETRY_DELAY": "0", "PATH": tool_path(scratch)}
        machines = Machines(direct, settings, scratch, around, process_starter(guard), 2, lambda text: None)
        machines.start()
        stack.callback(machines.stop)
        gave_up: Counter[str] = Counter()

        def typed(name: str, command: Callable[[], Result]) -> Result:
            return _until_done(gave_up, name, command)

        typed("setup", lambda: setup(context))
        _submit(context, job_file, gave_up)
        typed("startCluster", lambda: start(context, fleet_file))
        typed("monitor", lambda: monitor(context, find_run(context, None), cheapest=False, pace=PACE))
        faulty.active = False
        dead_url = direct.sqs.get_queue_url(QueueName=settings.sqs_dead_letter_queue)["QueueUrl"]
        dead = direct.sqs.receive_message(QueueUrl=dead_url, MaxNumberOfMessages=10).get("Messages", [])
        direct.sqs.delete_queue(QueueUrl=dead_url)
    bucket = direct.s3.get_paginator("list_objects_v2").paginate(Bucket=scene.name, Prefix="results/")
    keys = [entry["Key"] for page in bucket for entry in page.get("Contents", [])]
    objects = {key: direct.s3.get_object(Bucket=scene.name, Key=key)["Body"].read().decode() for key in keys}
    uploads = direct.s3.list_multipart_uploads(Bucket=scene.name).get("Uploads", [])
    facts = Facts(
        jobs,
        _FILES,
        frozenset(["j0"]),
        [line.split()[0] for line in runs.read_text().splitlines()],
        {job_of(body) for body in faulty.disturbed if body},
        objects,
        [json.loads(line) for line in logs.events(direct, settings.ledger_log_group, 0)],
        [job_of(one["Body"]) for one in dead],
        leftovers(direct, scene.name) + [f"an unfinished upload of {one['Key']}" for one in uploads],
    )
    told = faulty.injected + Counter({f"{name} typed again": count for name, count in gave_up.items()})
    return Played(judge(facts), told, faulty.calls.total(), time.monotonic() - begun)


def _config(scene: Scene, runs: Any) -> dict[str, Any]:
    return {
        "APP_NAME": scene.name,
        "DOCKERHUB_TAG": "me/tool:1",
        "AWS_BUCKET": scene.name,
        "SSH_KEY_NAME": "",
        "ECS_CLUSTER": scene.name + "Cluster",
        "SQS_DEAD_LETTER_QUEUE": scene.name + "Dead",
        "SQS_MESSAGE_VISIBILITY": 6,
        "DOCKER_CORES": 2,
        "SECONDS_TO_START": 0,
        "CLUSTER_MACHINES": 2,
        "AUTO_MONITOR": False,
        "JOB_NAME": "{n}",
        "COMMAND": f"sh {TOOL} {{n}} {{output}} {runs} {_FILES} 0 {{end}}",
    }


def _until_done(gave_up: Counter[str], name: str, command: Callable[[], Result]) -> Result:
    """Type it again until it goes through."""
    while True:
        try:
            return command()
        except Exception as error:
            if not isinstance(error, DistributedSomethingError) and explain(error) is None:
                raise
            gave_up[name] += 1
            if gave_up[name] > _MOST_TRIES:
                raise


def _submit(context: Context, job_file: Any, gave_up: Counter[str]) -> None:
    """Go on where it says that it stopped."""
    rest: str | None = None
    while True:
        try:
            submit(context, job_file, rest)
            return
        except Exception as error:
            told = str(error) if isinstance(error, DistributedSomethingError) else explain(error)
            if told is None:
                raise
            gave_up["submitJob"] += 1
            if gave_up["submitJob"] > _MOST_TRIES:
                raise
            found = re.search(r"--from (\S+)", str(told))
            rest = found.group(1) if found else rest
