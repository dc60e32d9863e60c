"""The calls that every job makes go the lean way, and nobody can tell by their answers or errors."""

import json
import time

import boto3
import pytest

from tests.functional.conftest import client
from worker.aws.fast_client import FastCalls
from worker.main import OFTEN


@pytest.fixture
def queue(emulator, unique):
    """The URL of a queue with one message, which has an attribute."""
    sqs = client(emulator, "sqs")
    url = sqs.create_queue(QueueName=unique)["QueueUrl"]
    attribute = {"DataType": "String", "StringValue": "ü"}
    sqs.send_message(QueueUrl=url, MessageBody='{"name": "ü"}', MessageAttributes={"RETRY_OF": attribute})
    return url


def lean(emulator, service):
    """(A client that calls the lean way, the operations that boto3 itself has sent for it)."""
    session = boto3.Session(emulator.access_key, "secret", region_name="us-east-1")
    plain = session.client(service, endpoint_url=emulator.endpoint_url)
    sent = []
    plain.meta.events.register("before-call", lambda model, **rest: sent.append(model.name))
    return FastCalls(plain, session.get_credentials(), OFTEN[service]), sent


def test_a_message_is_received_and_deleted_as_boto3_would_do_it(emulator, queue):
    sqs, sent = lean(emulator, "sqs")
    counted = "ApproximateReceiveCount"
    asked = {"QueueUrl": queue, "AttributeNames": [counted], "MessageAttributeNames": ["All"]}
    (ours,) = sqs.receive_message(**asked)["Messages"]
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=ours["ReceiptHandle"], VisibilityTimeout=0)
    (theirs,) = client(emulator, "sqs").receive_message(**asked)["Messages"]
    for answer in (ours, theirs):
        assert json.loads(answer["Body"]) == {"name": "ü"}
        assert answer["MessageAttributes"]["RETRY_OF"]["StringValue"] == "ü"
    assert (ours["Attributes"], theirs["Attributes"]) == ({counted: "1"}, {counted: "2"})
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=theirs["ReceiptHandle"])
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    left = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=counts)["Attributes"]
    assert left == dict.fromkeys(counts, "0")
    assert not sqs.receive_message(QueueUrl=queue).get("Messages")
    assert sent == ["ChangeMessageVisibility", "GetQueueAttributes"]


def test_a_line_is_written_as_boto3_would_do_it(emulator, unique):
    logs, sent = lean(emulator, "logs")
    plain = client(emulator, "logs")
    plain.create_log_group(logGroupName=unique)
    logs.create_log_stream(logGroupName=unique, logStreamName="a")
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": "ü"}]
    logs.put_log_events(logGroupName=unique, logStreamName="a", logEvents=events)
    assert sent == []
    (found,) = plain.get_log_events(logGroupName=unique, logStreamName="a", startFromHead=True)["events"]
    assert (found["timestamp"], found["message"]) == (now, "ü")


def test_errors_are_boto3_s(emulator, unique):
    """Which makes the call itself when the lean one is no success."""
    sqs, sent = lean(emulator, "sqs")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.receive_message(QueueUrl=f"{emulator.endpoint_url}/000000000000/{unique}")
    assert sent == ["ReceiveMessage"]
    logs, _ = lean(emulator, "logs")
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.create_log_stream(logGroupName=unique, logStreamName="a")
