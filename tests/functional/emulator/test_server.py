"""The emulated AWS as a process: ends with its parent, runs beside others, does not slow down."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest

from distributed_something.errors import UserError
from distributed_something.local import emulator, moto_extensions
from distributed_something.local.emulator import Emulator
from tests.functional.conftest import client
from tests.waiting import wait_until

PARENT = """
import time
from distributed_something.local.emulator import Emulator
with Emulator() as server:
    print(server._process.pid, flush=True)
    time.sleep(600)
"""


def alive(process_id):
    try:
        with open(f"/proc/{process_id}/stat") as stat:
            return stat.read().split()[2] != "Z"
    except OSError:
        return False


def test_it_ends_with_its_parent_however_that_ends():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    server = int(parent.stdout.readline())
    assert alive(server)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not alive(server), "the server has ended")


def test_two_do_not_know_of_each_other(moto, unique):
    with Emulator() as other:
        client(moto, "sqs").create_queue(QueueName=unique)
        assert "QueueUrls" not in client(other, "sqs").list_queues()


def test_it_listens_on_this_computer_only(moto):
    assert moto.endpoint_url.startswith("http://127.0.0.1:")


def test_a_queue_s_attributes_are_those_of_sqs(moto, unique):
    sqs = client(moto, "sqs")
    dead = sqs.create_queue(QueueName=unique + "Dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {"deadLetterTargetArn": arn, "maxReceiveCount": 3}
    url = sqs.create_queue(QueueName=unique, Attributes={"RedrivePolicy": json.dumps(policy)})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x", DelaySeconds=600)
    sqs.send_message(QueueUrl=url, MessageBody="y")
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert json.loads(found["RedrivePolicy"]) == policy
    assert (found["ApproximateNumberOfMessages"], found["ApproximateNumberOfMessagesDelayed"]) == ("1", "1")


def send_seconds(sqs, url, batches):
    entries = [{"Id": str(number), "MessageBody": "x"} for number in range(10)]
    begun = time.process_time(), time.perf_counter()
    for _ in range(batches):
        sqs.send_message_batch(QueueUrl=url, Entries=entries)
    return time.perf_counter() - begun[1]


def test_sending_costs_the_same_in_a_full_queue(moto, unique):
    """With moto alone the time grew with what is in the queue: 4,000 messages took 20 times as long each."""
    sqs = client(moto, "sqs")
    url = sqs.create_queue(QueueName=unique)["QueueUrl"]
    empty = min(send_seconds(sqs, url, 20) for _ in range(3))
    for _ in range(10):
        send_seconds(sqs, url, 40)
    full = min(send_seconds(sqs, url, 20) for _ in range(3))
    assert full < 5 * empty


def test_another_version_of_moto_is_refused(monkeypatch):
    monkeypatch.setattr(moto_extensions, "MOTO_VERSION", "0.1")
    with pytest.raises(RuntimeError, match="but the emulated AWS extends moto 0.1: pip install"):
        moto_extensions.apply()


def test_a_server_that_does_not_start_says_why(monkeypatch):
    monkeypatch.setattr(emulator.sys, "executable", "/bin/false")
    with pytest.raises(UserError, match="does not start"):
        Emulator().__enter__()


def test_a_connection_serves_one_request_after_the_other(moto):
    """Also one whose body nobody reads, which must not be taken for the next request."""
    address = urlsplit(moto.endpoint_url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    connection.connect()
    first = connection.sock
    signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential={moto.access_key}/"}
    for method, path, body in (
        ("POST", "/moto-api/no-such-page", b"GET / HTTP/1.1\r\n" * 10_000),
        ("GET", "/moto-api/config", None),
        ("HEAD", "/moto-api/config", None),
        ("GET", "/moto-api/config", None),
    ):
        connection.request(method, path, body, signed)
        answer = connection.getresponse()
        text = answer.read()
        assert ((answer.status == 404) == bool(body)) and answer.status < 500
        assert connection.sock is first
    assert json.loads(text)
