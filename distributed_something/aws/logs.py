"""CloudWatch Logs: the run's log groups, their export to S3, and reading events back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable, Iterator, NamedTuple

from ..errors import NotYet
from .session import APP_TAG, Aws, error_code

if TYPE_CHECKING:
    from types_boto3_logs.type_defs import FilterLogEventsResponseTypeDef, LogGroupTypeDef

RETENTION_DAYS = 60
EXPORT_PREFIX = "exportedlogs"
_FAILED = {"FAILED", "CANCELLED", "PENDING_CANCEL"}


class Line(NamedTuple):
    """One event of a log; ``when`` in seconds since 1970."""

    id: str
    stream: str
    text: str
    when: float


def find_group(aws: Aws, name: str) -> LogGroupTypeDef | None:
    """The group of exactly this name, or None."""
    pages = aws.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    for page in pages:
        for group in page["logGroups"]:
            if group["logGroupName"] == name:
                return group
    return None


def ensure_group(aws: Aws, name: str, app_name: str) -> str:
    """Create the group, with a retention of 60 days. Returns "made", "updated" or "unchanged"."""
    group = find_group(aws, name)
    if group is not None and group.get("retentionInDays") == RETENTION_DAYS:
        return "unchanged"
    if group is None:
        aws.logs.create_log_group(logGroupName=name, tags={APP_TAG: app_name})
    aws.logs.put_retention_policy(logGroupName=name, retentionInDays=RETENTION_DAYS)
    return "made" if group is None else "updated"


def delete_group(aws: Aws, name: str) -> bool:
    """Delete the group and all its events. Returns False if there was none."""
    if find_group(aws, name) is None:
        return False
    aws.logs.delete_log_group(logGroupName=name)
    return True


def events(aws: Aws, group: str, start: float) -> Iterator[str]:
    """Every message of the group since ``start`` (seconds since 1970); nothing if the group does not exist.

    Pages of FilterLogEvents may be empty; only a missing token ends them, as the paginator knows.
    """
    pages = aws.logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=max(0, int(start * 1000))
    )
    for page in _until_gone(aws, pages):
        for event in page["events"]:
            yield event["message"]


def has_stream(aws: Aws, group: str, name: str) -> bool:
    answer = aws.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=name, limit=50)
    return any(one["logStreamName"] == name for one in answer["logStreams"])


def lines(aws: Aws, group: str, start: float, stream: str | None = None) -> Iterator[Line]:
    """The events of the group since ``start``, or of one stream, in order of time."""
    paginator, since = aws.logs.get_paginator("filter_log_events"), max(0, int(start * 1000))
    if stream:
        pages = paginator.paginate(logGroupName=group, startTime=since, logStreamNames=[stream])
    else:
        pages = paginator.paginate(logGroupName=group, startTime=since)
    for page in _until_gone(aws, pages):
        for event in page["events"]:
            when = event["timestamp"] / 1000
            yield Line(event["eventId"], event["logStreamName"], event["message"], when)


def last_lines(aws: Aws, group: str, stream: str, most: int) -> list[str]:
    """The stream's last lines; [] if the stream does not exist."""
    try:
        answer = aws.logs.get_log_events(
            logGroupName=group, logStreamName=stream, limit=most, startFromHead=False
        )
    except aws.logs.exceptions.ResourceNotFoundException:
        return []
    return [event["message"] for event in answer["events"]]


def export(aws: Aws, group: str, bucket: str, start: float) -> str:
    """Have AWS write the group's events since ``start`` to s3://bucket/exportedlogs/GROUP/.

    Does not request an export of this group and start twice. Returns what was done, in words. Raises NotYet
    while another export of the account runs: AWS runs one at a time.
    """
    if find_group(aws, group) is None:
        return "there is none"
    name = f"{group}-{int(start)}"[-512:]
    if _was_ordered(aws, name):
        return "ordered already"
    try:
        aws.logs.create_export_task(
            taskName=name,
            logGroupName=group,
            fromTime=max(0, int(start * 1000)),
            to=int(aws.clock.now() * 1000) + 1,
            destination=bucket,
            destinationPrefix=f"{EXPORT_PREFIX}/{group.strip('/')}",
        )
    except aws.logs.exceptions.ClientError as error:
        if error_code(error) != "LimitExceededException":
            raise
        raise NotYet("another export of the account is running, and AWS does one at a time") from None
    return f"on its way to s3://{bucket}/{EXPORT_PREFIX}/"


def _until_gone(
    aws: Aws, pages: Iterable[FilterLogEventsResponseTypeDef]
) -> Iterator[FilterLogEventsResponseTypeDef]:
    """The pages; nothing if the group does not exist."""
    try:
        yield from pages
    except aws.logs.exceptions.ResourceNotFoundException:
        return


def _was_ordered(aws: Aws, name: str) -> bool:
    pages = aws.logs.get_paginator("describe_export_tasks").paginate()
    return any(
        task.get("taskName") == name and task["status"]["code"] not in _FAILED
        for page in pages
        for task in page["exportTasks"]
    )
