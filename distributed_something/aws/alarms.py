"""The idle alarms of machines: each machine creates its own, named APP_NAME_instanceid."""

from __future__ import annotations

import re
from typing import Collection

from .session import Aws

# The most names that DeleteAlarms accepts.
_DELETE_AT_ONCE = 100
_INSTANCE_ID = re.compile(r"i-[0-9a-f]+\Z")


def alarm_names(aws: Aws, app_name: str) -> list[str]:
    """The alarms of this app's machines, named exactly APP_NAME + '_' + instance id."""
    prefix = app_name + "_"
    pages = aws.cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
    return [
        alarm["AlarmName"]
        for page in pages
        for alarm in page["MetricAlarms"]
        if _INSTANCE_ID.match(alarm["AlarmName"][len(prefix) :])
    ]


def alarms_of_terminated(aws: Aws, app_name: str, instances: Collection[str]) -> list[str]:
    """The alarms of the app's machines that are not among ``instances``, so were terminated."""
    kept = {f"{app_name}_{instance}" for instance in instances}
    return [name for name in alarm_names(aws, app_name) if name not in kept]


def delete(aws: Aws, alarm_names: list[str]) -> int:
    """Delete these alarms; missing ones are not an error. Returns how many were named."""
    for at in range(0, len(alarm_names), _DELETE_AT_ONCE):
        aws.cloudwatch.delete_alarms(AlarmNames=alarm_names[at : at + _DELETE_AT_ONCE])
    return len(alarm_names)
