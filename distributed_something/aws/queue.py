"""The job queue and its dead-letter queue in SQS: created, counted, sent to, removed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterator, Mapping, Sequence

from worker.aws.error_codes import QUEUE_GONE, sqs_error

from .session import APP_TAG, Aws

if TYPE_CHECKING:
    from types_boto3_sqs.literals import QueueAttributeNameType
    from types_boto3_sqs.type_defs import (
        MessageAttributeValueTypeDef,
        MessageTypeDef,
        SendMessageBatchRequestEntryTypeDef,
    )

# The longest retention of a message, in seconds.
RETENTION_SECONDS = 14 * 24 * 3600
# Seconds until the name of a deleted queue can be used again:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
NAME_BLOCKED_SECONDS = 60
# A dead-letter queue is shared by a user's runs; any of them may remove it once it is empty and unused.
SHARED = "shared"

# Message attributes; workers copy them to the dead-letter queue, as SQS does.
APP_ATTRIBUTE = "APP_NAME"
RETRY_ATTRIBUTE = "RETRY_OF"

_COUNTS: dict[str, QueueAttributeNameType] = {
    "visible": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


@dataclass(frozen=True)
class Message:
    """A received message. ``sent``: seconds since 1970. ``app_name``: '' if the message has none."""

    id: str
    body: str
    receipt: str
    sent: float
    app_name: str
    retry_of: str


@dataclass(frozen=True)
class Counts:
    """The number of messages in a queue; approximate, and up to a minute old."""

    visible: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        return self.visible + self.in_flight + self.delayed


def find_url(aws: Aws, name_or_arn: str) -> str | None:
    """The queue's URL, or None if it does not exist."""
    name, owner = name_or_arn, {}
    if name_or_arn.startswith("arn:"):
        *_, account, name = name_or_arn.split(":")
        owner = {"QueueOwnerAWSAccountId": account}
    try:
        return str(aws.sqs.get_queue_url(QueueName=name, **owner)["QueueUrl"])
    except aws.sqs.exceptions.ClientError as error:
        if sqs_error(error) == QUEUE_GONE:
            return None
        raise


def ensure(aws: Aws, name: str, attributes: Mapping[QueueAttributeNameType, str], tag: str) -> str:
    """Create the queue, or set the attributes that differ. Returns "made", "updated" or "unchanged".

    ``attributes``: as for SetQueueAttributes. Raises QueueDeletedRecently for a name that is still blocked.
    """
    url = find_url(aws, name)
    if url is None:
        aws.sqs.create_queue(QueueName=name, Attributes=attributes, tags={APP_TAG: tag})
        return "made"
    there = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    differing = {key: value for key, value in attributes.items() if not _same(there.get(key), value)}
    if not differing:
        return "unchanged"
    aws.sqs.set_queue_attributes(QueueUrl=url, Attributes=differing)
    return "updated"


def was_deleted_recently(error: BaseException) -> bool:
    """Whether CreateQueue failed because a queue of this name was deleted less than a minute ago."""
    return sqs_error(error) == "QueueDeletedRecently"


def get_arn(aws: Aws, url: str) -> str:
    answer = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])


def dead_letter_attributes() -> dict[QueueAttributeNameType, str]:
    return {"MessageRetentionPeriod": str(RETENTION_SECONDS)}


def job_queue_attributes(
    visibility: int, retries: int, dead_letter_arn: str
) -> dict[QueueAttributeNameType, str]:
    """``visibility`` in seconds; after ``retries`` receipts a message moves to the dead-letter queue."""
    return {
        "MessageRetentionPeriod": str(RETENTION_SECONDS),
        "DelaySeconds": "0",
        "VisibilityTimeout": str(visibility),
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_letter_arn, "maxReceiveCount": retries}),
    }


def get_counts(aws: Aws, url: str) -> Counts | None:
    """The queue's counts, or None if it does not exist."""
    try:
        there = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS.values()))
    except aws.sqs.exceptions.ClientError as error:
        if sqs_error(error) == QUEUE_GONE:
            return None
        raise
    return Counts(**{ours: int(there["Attributes"][theirs]) for ours, theirs in _COUNTS.items()})


def count_messages(aws: Aws, name: str) -> int:
    """The number of messages in the queue of this name; 0 if it does not exist."""
    url = find_url(aws, name) if name else None
    found = get_counts(aws, url) if url else None
    return found.total if found else 0


def send_batch(
    aws: Aws, url: str, bodies: Sequence[str], app_name: str, retry_of: Sequence[str] = ()
) -> list[int]:
    """Send up to 10 messages. Returns the positions of those that SQS rejected (with HTTP 200).

    Each carries the app's name, since a dead-letter queue is shared, and with ``retry_of`` the id of the
    dead-lettered message that it replaces.
    """
    own = {APP_ATTRIBUTE: _text(app_name)}
    entries: list[SendMessageBatchRequestEntryTypeDef] = []
    for at, body in enumerate(bodies):
        attributes = {**own, RETRY_ATTRIBUTE: _text(retry_of[at])} if retry_of else own
        entries.append({"Id": str(at), "MessageBody": body, "MessageAttributes": attributes})
    answer = aws.fast_sqs.send_message_batch(QueueUrl=url, Entries=entries)
    confirmed = {entry["Id"] for entry in answer.get("Successful", [])}
    return [at for at in range(len(bodies)) if str(at) not in confirmed]


def receive(aws: Aws, url: str, hide_seconds: int) -> list[Message]:
    """Up to 10 messages, hidden from others for ``hide_seconds``; [] if none is visible."""
    answer = aws.sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=hide_seconds,
        WaitTimeSeconds=1,
        AttributeNames=["SentTimestamp"],
        MessageAttributeNames=[APP_ATTRIBUTE, RETRY_ATTRIBUTE],
    )
    return [_message(one) for one in answer.get("Messages", [])]


def give_back(aws: Aws, url: str, messages: Sequence[Message]) -> None:
    """Make these visible again. It is not an error if one was given back or deleted meanwhile."""
    for some in _tens(messages):
        aws.sqs.change_message_visibility_batch(
            QueueUrl=url,
            Entries=[
                {"Id": str(at), "ReceiptHandle": one.receipt, "VisibilityTimeout": 0}
                for at, one in enumerate(some)
            ],
        )


def delete_messages(aws: Aws, url: str, messages: Sequence[Message]) -> list[Message]:
    """Delete these. Returns those that SQS did not delete (with HTTP 200)."""
    kept = []
    for some in _tens(messages):
        answer = aws.sqs.delete_message_batch(
            QueueUrl=url,
            Entries=[{"Id": str(at), "ReceiptHandle": one.receipt} for at, one in enumerate(some)],
        )
        kept += [some[int(entry["Id"])] for entry in answer.get("Failed", [])]
    return kept


def purge(aws: Aws, name: str) -> bool:
    """Delete every message. Returns False if the queue does not exist."""
    url = find_url(aws, name)
    if url is None:
        return False
    try:
        aws.sqs.purge_queue(QueueUrl=url)
    except aws.sqs.exceptions.ClientError as error:
        # SQS allows one purge a minute.
        if sqs_error(error) not in (QUEUE_GONE, "PurgeQueueInProgress"):
            raise
    return True


def delete(aws: Aws, name: str) -> bool:
    """Delete the queue of exactly this name. Returns False if there was none."""
    url = find_url(aws, name)
    if url is None:
        return False
    try:
        aws.sqs.delete_queue(QueueUrl=url)
    except aws.sqs.exceptions.ClientError as error:
        if sqs_error(error) != QUEUE_GONE:
            raise
        return False
    return True


def is_disposable(aws: Aws, url: str) -> bool:
    """Whether a dead-letter queue was created by us, is empty, and is no longer used by any queue."""
    tags = aws.sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
    if tags.get(APP_TAG) != SHARED:
        return False
    left = get_counts(aws, url)
    if left is None or left.total:
        return False
    pages = aws.sqs.get_paginator("list_dead_letter_source_queues").paginate(QueueUrl=url)
    return not any(page.get("queueUrls") for page in pages)


def _tens(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    for at in range(0, len(messages), 10):
        yield messages[at : at + 10]


def _text(value: str) -> MessageAttributeValueTypeDef:
    return {"DataType": "String", "StringValue": value}


def _message(one: MessageTypeDef) -> Message:
    attributes = {name: value["StringValue"] for name, value in one.get("MessageAttributes", {}).items()}
    return Message(
        id=one["MessageId"],
        body=one["Body"],
        receipt=one["ReceiptHandle"],
        sent=float(one.get("Attributes", {}).get("SentTimestamp", 0)) / 1000,
        app_name=attributes.get(APP_ATTRIBUTE, ""),
        retry_of=attributes.get(RETRY_ATTRIBUTE, ""),
    )


def _same(there: str | None, wanted: str) -> bool:
    """Compares JSON documents by content, since SQS formats them in its own way."""
    if there is None or not wanted.startswith("{"):
        return there == wanted
    known, asked = json.loads(there), json.loads(wanted)
    return {key: str(known[key]) for key in known} == {key: str(asked[key]) for key in asked}
