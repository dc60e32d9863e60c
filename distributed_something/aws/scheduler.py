"""EventBridge Scheduler: calls the unattended monitor every minute, with one schedule per run in one group.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Iterator, Mapping

from .session import Aws, error_code, tag_list

if TYPE_CHECKING:
    from types_boto3_scheduler.type_defs import CreateScheduleInputTypeDef

_GONE = "ResourceNotFoundException"


def group_exists(aws: Aws, group: str) -> bool:
    try:
        aws.scheduler.get_schedule_group(Name=group)
    except aws.scheduler.exceptions.ClientError as error:
        if error_code(error) != _GONE:
            raise
        return False
    return True


def make_group(aws: Aws, group: str) -> None:
    aws.scheduler.create_schedule_group(Name=group, Tags=tag_list(group))


def delete_group(aws: Aws, group: str) -> bool:
    """Delete the group and every schedule in it. Returns False if there was none."""
    if not group_exists(aws, group):
        return False
    aws.scheduler.delete_schedule_group(Name=group)
    return True


def put(
    aws: Aws, group: str, name: str, function_arn: str, role_arn: str, event: Mapping[str, object], end: float
) -> None:
    """Call the function with this event every minute until ``end`` (seconds since 1970)."""
    wanted: CreateScheduleInputTypeDef = {
        "Name": name,
        "GroupName": group,
        "ScheduleExpression": "rate(1 minutes)",
        "EndDate": datetime.fromtimestamp(end, timezone.utc),
        "ActionAfterCompletion": "DELETE",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": function_arn,
            "RoleArn": role_arn,
            "Input": json.dumps(event),
            # A late call is useless, since another one comes a minute later.
            "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
        },
    }
    try:
        aws.scheduler.create_schedule(**wanted)
    except aws.scheduler.exceptions.ClientError as error:
        if error_code(error) != "ConflictException":
            raise
        delete(aws, group, name)  # of a run that was started before
        aws.scheduler.create_schedule(**wanted)


def delete(aws: Aws, group: str, name: str) -> bool:
    """Returns False if there was none."""
    try:
        aws.scheduler.delete_schedule(GroupName=group, Name=name)
    except aws.scheduler.exceptions.ClientError as error:
        if error_code(error) != _GONE:
            raise
        return False
    return True


def names(aws: Aws, group: str) -> Iterator[str]:
    """The schedules of the group; nothing if the group does not exist."""
    if not group_exists(aws, group):
        return
    for page in aws.scheduler.get_paginator("list_schedules").paginate(GroupName=group):
        for one in page["Schedules"]:
            if one["GroupName"] == group:
                yield one["Name"]
