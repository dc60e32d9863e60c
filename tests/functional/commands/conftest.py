"""Commands as functions: real boto3 over HTTP to the emulated AWS, and a clock that never waits."""

from __future__ import annotations

import io
import json

import pytest

from distributed_something.aws.session import Aws
from distributed_something.commands.context import Context
from distributed_something.commands.local import emulated_aws
from distributed_something.config import loader
from distributed_something.terminal.console import Console


class Clock:
    """Starts now; sleeping is instant, and ``on_sleep`` may change the world meanwhile."""

    def __init__(self, now):
        self._now = now
        self.slept = []
        self.on_sleep = lambda: None

    def now(self):
        return self._now

    def sleep(self, seconds):
        self._now += seconds
        self.slept.append(seconds)
        self.on_sleep()


class Bench:
    """A context for commands, and what they said."""

    def __init__(self, aws, folder, name):
        self.aws: Aws = aws
        self.folder = folder
        self.name = name
        self.out, self.err = io.StringIO(), io.StringIO()
        self.variables = {
            "APP_NAME": name,
            "DOCKERHUB_TAG": "me/tool:1",
            "AWS_BUCKET": name,
            "SSH_KEY_NAME": "",
            "ECS_CLUSTER": name + "Cluster",
            "SQS_DEAD_LETTER_QUEUE": name + "Dead",
            "COMMAND": "tool {n}",
            "CLUSTER_MACHINES": 2,
            "ASSIGN_IP": "True",
        }

    def context(self, **changes):
        settings = loader.settings_from({**self.variables, **changes}, "config.py")
        return Context(settings, self.aws, Console(self.out, self.err), files=self.folder / "files")

    def write(self, name, content):
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def put_alarm(self, name):
        """An idle alarm, as machines make them."""
        self.aws.cloudwatch.put_metric_alarm(
            AlarmName=name,
            ComparisonOperator="LessThanThreshold",
            EvaluationPeriods=1,
            MetricName="CPUUtilization",
            Namespace="AWS/EC2",
            Period=60,
            Statistic="Average",
            Threshold=1,
        )

    def said(self):
        """What was said since the last time."""
        text = self.err.getvalue()
        self.err.seek(0)
        self.err.truncate()
        return text


@pytest.fixture
def bench(moto, unique, tmp_path):
    import time

    aws = emulated_aws(moto.endpoint_url, "us-east-1")
    aws.clock = Clock(time.time())
    aws.s3.create_bucket(Bucket=unique)
    return Bench(aws, tmp_path, unique)
