"""A whole run that nobody watches: started, the laptop closed, ended by the Lambda's zip with boto3 alone."""

import base64
import hashlib
import io
import json
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import boto3

from distributed_something.aws import account, scheduler
from distributed_something.commands import setup_aws
from distributed_something.commands.context import Context
from distributed_something.commands.local import emulated_aws, tool_path
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import start
from distributed_something.commands.submit_job import submit
from distributed_something.config import loader
from distributed_something.local.containers import process_starter
from distributed_something.local.emulator import Emulator
from distributed_something.local.machines import Machines
from distributed_something.local.orphan_reaper import OrphanReaper
from distributed_something.monitor import lambda_package
from distributed_something.terminal.console import Console
from tests.functional.account import leftovers

# What a Python runtime of Lambda has beside the standard library.
RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")
TICK_SECONDS = 10
CALL = """
import importlib, json, sys
sys.path[:0] = sys.argv[1:3]
module, function = sys.argv[3].rsplit(".", 1)
print(json.dumps(getattr(importlib.import_module(module), function)(json.loads(sys.argv[4]), None)))
assert sys.modules["distributed_something"].__file__.startswith(sys.argv[1])
"""
APP = "Asleep"
BUCKET = "asleep-bucket"


class Function:
    """The Lambda function in an empty folder, called in a process that sees nothing but it and boto3."""

    def __init__(self, folder, emulator):
        self._code, self._runtime = folder / "code", folder / "runtime"
        self._emulator = emulator
        self._runtime.mkdir(parents=True)
        zipped = zipfile.ZipFile(io.BytesIO(lambda_package.build()))
        zipped.extractall(self._code)
        site = Path(boto3.__file__).resolve().parents[1]
        for name in RUNTIME:
            (self._runtime / name).symlink_to(site / name)

    def call(self, event):
        command = [
            sys.executable,
            "-I",
            "-S",
            "-c",
            CALL,
            self._code,
            self._runtime,
            lambda_package.HANDLER,
            event,
        ]
        done = subprocess.run(
            list(map(str, command)),
            env={
                **self._emulator.environment(),
                "AWS_REGION": "us-east-1",
                "AWS_DEFAULT_REGION": "us-east-1",
            },
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        return json.loads(done.stdout.splitlines()[-1])["done"]


def test_a_run_that_nobody_watches_ends_by_itself(tmp_path):
    config = {
        "APP_NAME": APP,
        "DOCKERHUB_TAG": "me/tool:1",
        "AWS_BUCKET": BUCKET,
        "SSH_KEY_NAME": "",
        "DOCKER_CORES": 1,
        "ECS_CLUSTER": "AsleepCluster",
        "CLUSTER_MACHINES": 2,
        "COMMAND": "sh -c 'sleep 1; echo {n!q} > {output}/n.txt'",
        "NOTIFY_EMAIL": "me@example.org",
    }
    settings = replace(loader.settings_from(config, "config.py"), seconds_to_start=0)
    jobs = {"groups": [{"n": str(n)} for n in range(8)]}
    (tmp_path / "job.json").write_text(json.dumps(jobs))
    (tmp_path / "fleet.json").write_text(json.dumps({"LaunchSpecifications": [{}]}))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with Emulator() as emulator, OrphanReaper(scratch) as guard:
        aws = emulated_aws(emulator.endpoint_url, "us-east-1")
        aws.s3.create_bucket(Bucket=BUCKET)
        console = Console(io.StringIO(), io.StringIO())
        context = Context(settings, aws, console, files=tmp_path / "files")
        setup_aws.set_up(context)
        digest = base64.b64encode(hashlib.sha256(lambda_package.build()).digest()).decode()
        made = aws.functions.get_function(FunctionName=account.MONITOR)["Configuration"]
        assert (made["CodeSha256"], made["Handler"]) == (digest, lambda_package.HANDLER)

        setup(context)
        submit(context, tmp_path / "job.json")
        around = {**emulator.environment(), "POLL_SECONDS": "1", "PATH": tool_path(tmp_path)}
        machines = Machines(aws, settings, scratch, around, process_starter(guard), 1, print)
        machines.start()
        try:
            start(context, tmp_path / "fleet.json").unlink()  # the laptop is gone
            function = Function(tmp_path / "lambda", emulator)
            told = []
            while list(scheduler.names(aws, account.NAME)):
                (name,) = scheduler.names(aws, account.NAME)
                there = aws.scheduler.get_schedule(GroupName=account.NAME, Name=name)
                assert there["Target"]["Arn"] == made["FunctionArn"]
                told.append(function.call(there["Target"]["Input"]))
                assert len(told) < 30, told
                time.sleep(TICK_SECONDS)
        finally:
            machines.stop()
        print(told)
        assert told[-1] == "the run has ended"
        assert leftovers(aws, APP, BUCKET) == []
        keys = [one["Key"] for one in aws.s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
        assert len([key for key in keys if key.endswith("/n.txt")]) == 8
        (summary,) = [key for key in keys if key.startswith(f"exportedlogs/{APP}_summary/")]
        document = json.loads(aws.s3.get_object(Bucket=BUCKET, Key=summary)["Body"].read())
        assert (document["done"], document["failed"], document["mailed"]) == (8, 0, True)
