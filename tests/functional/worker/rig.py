"""One queue, bucket and log groups for a test, and real worker processes that use them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.functional.conftest import client
from tests.waiting import wait_until

CHECKOUT = Path(__file__).resolve().parents[3]
WORKER = CHECKOUT / "worker" / "generic-worker.py"
PYTHON3 = {"argv": [sys.executable, str(WORKER)], "variables": {}}


class Rig:
    """``name`` is the app's; every name in AWS is made from it. ``program``: how a worker is started."""

    def __init__(self, server, name, folder, retries=3, visibility=3, program=None):
        self.server = server
        self.program = program or PYTHON3
        self.name = name
        self.folder = folder
        self.visibility = visibility
        self.sqs, self.s3, self.logs = (client(server, one) for one in ("sqs", "s3", "logs"))
        self.s3.create_bucket(Bucket=name)
        for group in (name, name + "_jobs"):
            self.logs.create_log_group(logGroupName=group)
        # An emulator may make a stream twice that many workers make at once, and lose the first one's lines.
        self.logs.create_log_stream(logGroupName=name + "_jobs", logStreamName="ledger")
        self.dead_url = self.sqs.create_queue(QueueName=name + "Dead")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.dead_url, AttributeNames=["QueueArn"])
        policy = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": retries}
        self.url = self.sqs.create_queue(
            QueueName=name + "Queue",
            Attributes={"VisibilityTimeout": str(visibility), "RedrivePolicy": json.dumps(policy)},
        )["QueueUrl"]
        self.workers = []

    def close(self):
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()
            worker.stdout.close()

    # What a user does

    def put(self, key, body=b"x"):
        self.s3.put_object(Bucket=self.name, Key=key, Body=body)

    def send(self, group, **shared):
        self.send_body(json.dumps({**shared, "group": group}))

    def send_body(self, body):
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def environment(self, command="", **settings):
        """What the task definition would give a worker; ``settings`` are further variables."""
        return {
            **self.server.environment(),
            "APP_NAME": self.name,
            "AWS_REGION": "us-east-1",
            "AWS_BUCKET": self.name,
            "SQS_QUEUE_URL": self.url,
            "SQS_DEAD_LETTER_QUEUE_URL": self.dead_url,
            "SQS_MESSAGE_VISIBILITY": str(self.visibility),
            "LOG_GROUP_NAME": self.name,
            "WORK_FOLDER": str(self.folder),
            "POLL_SECONDS": "1",
            "RETRY_DELAY": "0",
            "COMMAND": command,
            **{key: str(value) for key, value in settings.items()},
        }

    def start(self, command="", **settings):
        """Start a worker; ``settings`` are its environment variables."""
        worker = subprocess.Popen(
            self.program["argv"],
            env={**os.environ, **self.program["variables"], **self.environment(command, **settings)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=str(self.folder),
            text=True,
        )
        self.workers.append(worker)
        return worker

    def work(self, command="", **settings):
        """Run a worker to its own end. Returns what it printed."""
        worker = self.start(command, **settings)
        printed, _ = worker.communicate(timeout=120)
        assert worker.returncode == 0, printed
        return printed

    def stop(self, worker, number=signal.SIGTERM):
        worker.send_signal(number)
        return worker.wait(timeout=60)

    # What is there afterwards

    def objects(self):
        """The bucket's objects that are no inputs, by key."""
        found = {}
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name):
            for entry in page.get("Contents", []):
                body = self.s3.get_object(Bucket=self.name, Key=entry["Key"])["Body"]
                found[entry["Key"]] = body.read().decode("utf-8", "replace")
        return found

    def results(self):
        return {key: text for key, text in self.objects().items() if key.startswith("results/")}

    def ledger(self):
        """The attempts, in order of their end."""
        lines = self._events(self.name + "_jobs")
        return sorted((json.loads(line) for line in lines), key=lambda entry: entry["end"])

    def outcomes(self):
        return [entry["outcome"] for entry in self.ledger()]

    def job_log(self, job):
        return self._events(self.name, job)

    def counts(self, url=None):
        """(visible, in flight) of the queue, or of another one."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        there = self.sqs.get_queue_attributes(QueueUrl=url or self.url, AttributeNames=names)
        return tuple(int(there["Attributes"][name]) for name in names)

    def dead(self):
        """The bodies in the dead-letter queue."""
        answer = self.sqs.receive_message(QueueUrl=self.dead_url, MaxNumberOfMessages=10)
        return [message["Body"] for message in answer.get("Messages", [])]

    def leftovers(self):
        """Files that attempts left in the work folder."""
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def open_uploads(self):
        return self.s3.list_multipart_uploads(Bucket=self.name).get("Uploads", [])

    def await_file(self, name, what):
        """Wait until the tool made this file in the rig's folder."""
        return wait_until(lambda: (self.folder / name).exists(), what)

    def _events(self, group, stream=None):
        chosen = {"logStreamNames": [stream]} if stream else {}
        pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=group, **chosen)
        return [event["message"] for page in pages for event in page["events"]]
