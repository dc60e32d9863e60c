"""The job queue and its dead-letter queue in SQS: made, counted, sent to, removed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Sequence

from .session import APP_TAG, Aws, error_code

# The longest that SQS keeps a message.
RETENTION_SECONDS = 14 * 24 * 3600
# A name is free again so many seconds after its queue was deleted:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
NAME_BLOCKED_SECONDS = 60
# A dead-letter queue belongs to all runs of a user: any of them may remove it when it is empty and unused.
SHARED = "shared"

_GONE = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}
_JUST_DELETED = {"AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently"}
_COUNTS = {
    "visible": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


@dataclass(frozen=True)
class Counts:
    """How many messages a queue holds; approximate, and up to a minute old."""

    visible: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        return self.visible + self.in_flight + self.delayed


def url_of(aws: Aws, name_or_arn: str) -> str | None:
    """The queue's address, or None when there is no such queue."""
    name, owner = name_or_arn, {}
    if name_or_arn.startswith("arn:"):
        *_, account, name = name_or_arn.split(":")
        owner = {"QueueOwnerAWSAccountId": account}
    try:
        return str(aws.sqs.get_queue_url(QueueName=name, **owner)["QueueUrl"])
    except aws.sqs.exceptions.ClientError as error:
        if _is_gone(aws, error):
            return None
        raise


def ensure(aws: Aws, name: str, attributes: dict[str, str], tag: str) -> str:
    """Make the queue, or set those attributes that differ. Returns "made", "updated" or "unchanged".

    ``attributes`` as of SetQueueAttributes. Raises QueueDeletedRecently for a name that is still blocked.
    """
    url = url_of(aws, name)
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
    return error_code(error) in _JUST_DELETED


def arn_of(aws: Aws, url: str) -> str:
    answer = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])


def dead_letter_attributes() -> dict[str, str]:
    return {"MessageRetentionPeriod": str(RETENTION_SECONDS)}


def job_queue_attributes(visibility: int, retries: int, dead_letter_arn: str) -> dict[str, str]:
    """``visibility`` in seconds; after ``retries`` receipts a message goes to the dead-letter queue."""
    return {
        "MessageRetentionPeriod": str(RETENTION_SECONDS),
        "DelaySeconds": "0",
        "VisibilityTimeout": str(visibility),
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_letter_arn, "maxReceiveCount": retries}),
    }


def counts(aws: Aws, url: str) -> Counts | None:
    """What the queue holds, or None when it is gone."""
    try:
        there = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS.values()))
    except aws.sqs.exceptions.ClientError as error:
        if _is_gone(aws, error):
            return None
        raise
    return Counts(**{ours: int(there["Attributes"][theirs]) for ours, theirs in _COUNTS.items()})


def send_batch(aws: Aws, url: str, bodies: Sequence[str]) -> list[int]:
    """Send up to 10 messages. Returns the positions of those that SQS did not take (under HTTP 200)."""
    answer = aws.sqs.send_message_batch(
        QueueUrl=url,
        Entries=[{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies)],
    )
    return [int(entry["Id"]) for entry in answer.get("Failed", [])]


def delete(aws: Aws, name: str) -> bool:
    """Delete the queue of exactly this name. Returns False when there was none."""
    url = url_of(aws, name)
    if url is None:
        return False
    try:
        aws.sqs.delete_queue(QueueUrl=url)
    except aws.sqs.exceptions.ClientError as error:
        if not _is_gone(aws, error):
            raise
        return False
    return True


def is_disposable(aws: Aws, url: str) -> bool:
    """Whether a dead-letter queue was made by us, holds nothing, and serves no queue any more."""
    tags = aws.sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
    if tags.get(APP_TAG) != SHARED:
        return False
    held = counts(aws, url)
    if held is None or held.total:
        return False
    pages = aws.sqs.get_paginator("list_dead_letter_source_queues").paginate(QueueUrl=url)
    return not any(page.get("queueUrls") for page in pages)


def _is_gone(aws: Aws, error: Any) -> bool:
    return isinstance(error, aws.sqs.exceptions.QueueDoesNotExist) or error_code(error) in _GONE


def _same(there: str | None, wanted: str) -> bool:
    """JSON documents are compared by meaning: SQS writes them in its own way."""
    if there is None or not wanted.startswith("{"):
        return there == wanted
    known, asked = json.loads(there), json.loads(wanted)
    return {key: str(known[key]) for key in known} == {key: str(asked[key]) for key in asked}
