"""Repeatable calls go the fast way, and their answers and errors do not show it, up to each call's limit."""

import json
import time

import boto3
import pytest

from tests.functional.conftest import client
from worker.aws.cloudwatch_logs import BATCH_BYTES, BATCH_EVENTS, EVENT_OVERHEAD
from worker.aws.fast_client import LARGEST, REPEATABLE, FastCalls
from worker.aws.small_objects import SMALL, SmallObjects

# What SQS takes in a message, and in a batch.
SQS_LIMIT = 1024 * 1024
COUNTED = {"AttributeNames": ["ApproximateReceiveCount"], "MessageAttributeNames": ["All"]}


@pytest.fixture
def queue(emulator, unique):
    """The URL of a queue with one message, which has an attribute."""
    sqs = client(emulator, "sqs")
    url = sqs.create_queue(QueueName=unique)["QueueUrl"]
    attribute = {"DataType": "String", "StringValue": "ü"}
    sqs.send_message(QueueUrl=url, MessageBody='{"name": "ü"}', MessageAttributes={"RETRY_OF": attribute})
    return url


@pytest.fixture
def large_queue(moto, unique):
    """The URL of an empty queue; moto takes messages of 1 MiB, as AWS does."""
    return client(moto, "sqs").create_queue(QueueName=unique)["QueueUrl"]


class Fast:
    """A client that makes its calls the fast way; ``by_boto3``: the operations that boto3 sent itself."""

    def __init__(self, emulator, service):
        session = boto3.Session(emulator.access_key, "secret", region_name="us-east-1")
        plain = session.client(service, endpoint_url=emulator.endpoint_url)
        self.by_boto3 = []
        plain.meta.events.register("before-call", lambda model, **rest: self.by_boto3.append(model.name))
        self.client = FastCalls(plain, session.get_credentials())
        speaks_json = "targetPrefix" in plain.meta.service_model.metadata
        #: Of an SQS that speaks another language, as in boto3 1.33, boto3 makes every call.
        self.operations = set(REPEATABLE) if speaks_json else set()

    def left_to_boto3(self, *operations):
        return [one for one in operations if one not in self.operations]


def receive(sqs, url, **asked):
    return sqs.receive_message(QueueUrl=url, **COUNTED, **asked).get("Messages", [])


def test_a_message_is_received_by_boto3_and_deleted_as_boto3_would_do_it(emulator, queue):
    fast = Fast(emulator, "sqs")
    sqs, counted = fast.client, "ApproximateReceiveCount"
    (ours,) = receive(sqs, queue)
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=ours["ReceiptHandle"], VisibilityTimeout=0)
    (theirs,) = receive(client(emulator, "sqs"), queue)
    for answer in (ours, theirs):
        assert json.loads(answer["Body"]) == {"name": "ü"}
        assert answer["MessageAttributes"]["RETRY_OF"]["StringValue"] == "ü"
    assert (ours["Attributes"], theirs["Attributes"]) == ({counted: "1"}, {counted: "2"})
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=theirs["ReceiptHandle"])
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    left = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=counts)["Attributes"]
    assert left == dict.fromkeys(counts, "0")
    made = [
        "ReceiveMessage",
        "ChangeMessageVisibility",
        "DeleteMessage",
        "GetQueueAttributes",
    ]
    assert fast.by_boto3 == fast.left_to_boto3(*made)


def test_a_message_can_be_deleted_twice(moto, large_queue):
    """As SQS says: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html"""
    sqs = Fast(moto, "sqs").client
    sqs.send_message(QueueUrl=large_queue, MessageBody="x")
    (message,) = receive(sqs, large_queue)
    for _ in range(2):
        sqs.delete_message(QueueUrl=large_queue, ReceiptHandle=message["ReceiptHandle"])


def test_a_line_is_written_as_boto3_would_do_it(emulator, unique):
    fast = Fast(emulator, "logs")
    plain = client(emulator, "logs")
    plain.create_log_group(logGroupName=unique)
    fast.client.create_log_stream(logGroupName=unique, logStreamName="a")
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": "ü"}]
    fast.client.put_log_events(logGroupName=unique, logStreamName="a", logEvents=events)
    assert fast.by_boto3 == []
    (found,) = plain.get_log_events(logGroupName=unique, logStreamName="a", startFromHead=True)["events"]
    assert (found["timestamp"], found["message"]) == (now, "ü")


def test_errors_are_boto3_s(emulator, unique):
    """Which makes the call itself when the fast one is not a success."""
    fast = Fast(emulator, "sqs")
    with pytest.raises(fast.client.exceptions.QueueDoesNotExist):
        receive(fast.client, f"{emulator.endpoint_url}/000000000000/{unique}")
    assert fast.by_boto3 == ["ReceiveMessage"]
    logs = Fast(emulator, "logs").client
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.create_log_stream(logGroupName=unique, logStreamName="a")


@pytest.mark.parametrize("entries", [1, 10])
def test_a_batch_of_exactly_what_sqs_takes_is_sent_once_and_one_byte_more_is_refused(
    moto, large_queue, entries
):
    fast = Fast(moto, "sqs")
    bodies = ['"' * (SQS_LIMIT // entries) for _ in range(entries)]
    bodies[0] += '"' * (SQS_LIMIT - sum(map(len, bodies)))

    def send(bodies):
        batch = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies)]
        return fast.client.send_message_batch(QueueUrl=large_queue, Entries=batch)

    with pytest.raises(fast.client.exceptions.ClientError, match="longer"):
        send([bodies[0] + '"', *bodies[1:]])
    fast.by_boto3.clear()
    assert len(send(bodies)["Successful"]) == entries
    assert fast.by_boto3 == fast.left_to_boto3("SendMessageBatch")
    found = [receive(fast.client, large_queue) for _ in range(entries + 1)]
    assert sorted(message["Body"] for one in found for message in one) == sorted(bodies)


@pytest.mark.parametrize("character", ['"', "\\", "x", "\n", "ü", "日"])
def test_the_largest_message_is_received_once_though_its_answer_is_larger_than_the_limit(
    moto, large_queue, character
):
    body = character * (SQS_LIMIT // len(character.encode()))
    client(moto, "sqs").send_message(QueueUrl=large_queue, MessageBody=body)
    fast = Fast(moto, "sqs")
    (message,) = receive(fast.client, large_queue)
    assert message["Body"] == body
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert receive(fast.client, large_queue) == []
    assert fast.by_boto3 == ["ReceiveMessage"] * 2


@pytest.mark.parametrize(
    ("events", "size"),
    [(BATCH_EVENTS, 1), (1, BATCH_BYTES - EVENT_OVERHEAD), (4, BATCH_BYTES // 4 - EVENT_OVERHEAD)],
    ids=["10,000 lines", "one line of 1 MiB", "1 MiB in all"],
)
def test_the_largest_batch_of_lines_is_written_in_one_call(moto, unique, events, size):
    client(moto, "logs").create_log_group(logGroupName=unique)
    fast = Fast(moto, "logs")
    fast.client.create_log_stream(logGroupName=unique, logStreamName="a")
    now = int(time.time() * 1000)
    lines = [{"timestamp": now, "message": '"' * size} for _ in range(events)]
    fast.client.put_log_events(logGroupName=unique, logStreamName="a", logEvents=lines)
    assert fast.by_boto3 == []
    pages = client(moto, "logs").get_paginator("filter_log_events").paginate(logGroupName=unique)
    assert [len(one["message"]) for page in pages for one in page["events"]] == [size] * events


@pytest.mark.parametrize("size", [SMALL, SMALL + 1])
def test_an_object_of_the_limit_is_moved_whole_and_a_larger_one_by_boto3(moto, unique, size):
    session = boto3.Session(moto.access_key, "secret", region_name="us-east-1")
    s3 = session.client("s3", endpoint_url=moto.endpoint_url)
    s3.create_bucket(Bucket=unique)
    small = SmallObjects(s3, session.get_credentials(), 4)
    assert small.put(unique, "key", b"x" * size, {})  # what is larger may be put as well, held in memory
    assert small.get(unique, "key") == (b"x" * size if size <= LARGEST else None)
    assert s3.head_object(Bucket=unique, Key="key")["ContentLength"] == size
