"""Notification by e-mail: one SNS topic per account, filtered so that each address gets its own messages.

Each address has to be confirmed once, through an e-mail from AWS:
https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
"""

from __future__ import annotations

import json

from ..terminal.sanitize import one_line, visible
from .session import Aws, error_code, tag_list

# The message attribute that subscriptions filter by.
_TO = "to"
GONE = ("NotFound", "NotFoundException")
_PENDING = "PendingConfirmation"
# The longest subject in SNS; it must be one line of ASCII without control characters.
_SUBJECT_LENGTH = 100


def topic_exists(aws: Aws, topic_arn: str) -> bool:
    try:
        aws.sns.get_topic_attributes(TopicArn=topic_arn)
    except aws.sns.exceptions.ClientError as error:
        if error_code(error) not in GONE:
            raise
        return False
    return True


def make_topic(aws: Aws, name: str) -> None:
    aws.sns.create_topic(Name=name, Tags=tag_list(name))


def delete_topic(aws: Aws, topic_arn: str) -> bool:
    """Delete the topic and its subscriptions. Returns False if there was none."""
    if not topic_exists(aws, topic_arn):
        return False
    aws.sns.delete_topic(TopicArn=topic_arn)
    return True


def subscription(aws: Aws, topic_arn: str, address: str) -> str:
    """The subscription of the address: "confirmed", "unconfirmed" or ""."""
    for page in aws.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn):
        for one in page["Subscriptions"]:
            if one["Protocol"] == "email" and one["Endpoint"] == address:
                return "unconfirmed" if one["SubscriptionArn"] == _PENDING else "confirmed"
    return ""


def subscribe(aws: Aws, topic_arn: str, address: str) -> None:
    """Have AWS ask the address to confirm the subscription."""
    aws.sns.subscribe(
        TopicArn=topic_arn,
        Protocol="email",
        Endpoint=address,
        Attributes={"FilterPolicy": json.dumps({_TO: [address]})},
    )


def send(aws: Aws, topic_arn: str, address: str, subject: str, text: str) -> None:
    aws.sns.publish(
        TopicArn=topic_arn,
        Subject=visible(one_line(subject)).encode("ascii", "replace").decode("ascii")[:_SUBJECT_LENGTH],
        Message=visible(text),
        MessageAttributes={_TO: {"DataType": "String", "StringValue": address}},
    )
