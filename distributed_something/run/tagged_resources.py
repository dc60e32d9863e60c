"""Finds every resource in the account and region with a run's tag, without a monitor file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Iterator, Mapping, Sequence

from worker.aws.error_codes import QUEUE_GONE, sqs_error

from ..aws.cluster import DEFAULT
from ..aws.fleet import LIVE_STATES
from ..aws.instances import BILLED
from ..aws.queue import SHARED
from ..aws.session import APP_TAG, Aws
from ..config.run_names import LEDGER_LOG_SUFFIX

# The most services that DescribeServices accepts.
_SERVICES_AT_ONCE = 10


@dataclass(frozen=True)
class TaggedResource:
    """One resource. ``made``: seconds since 1970, None if not known. ``cluster``: for a service."""

    app_name: str
    kind: str
    name: str
    made: float | None = None
    cluster: str = ""


def find_tagged(aws: Aws) -> Iterator[TaggedResource]:
    """What costs most first. Alarms and dashboards have no tags and are found by the run's name."""
    for kind in (_fleets, _machines, _services, _task_definitions, _queues, _clusters):
        yield from kind(aws)


def log_groups(aws: Aws, app_name: str) -> list[str]:
    """The run's log groups, which are kept."""
    pages = aws.logs.get_paginator("describe_log_groups").paginate()
    arns = {group["logGroupName"]: group["arn"] for page in pages for group in page["logGroups"]}
    return [
        name
        for name, arn in arns.items()
        if name.endswith(LEDGER_LOG_SUFFIX)
        and aws.logs.list_tags_for_resource(resourceArn=arn.rstrip("*").rstrip(":"))["tags"].get(APP_TAG)
        == app_name
    ]


def _fleets(aws: Aws) -> Iterator[TaggedResource]:
    for page in aws.ec2.get_paginator("describe_spot_fleet_requests").paginate():
        for one in page["SpotFleetRequestConfigs"]:
            if one["SpotFleetRequestState"] in LIVE_STATES:
                yield from _of("fleet", one["SpotFleetRequestId"], one.get("Tags"), one.get("CreateTime"))


def _machines(aws: Aws) -> Iterator[TaggedResource]:
    pages = aws.ec2.get_paginator("describe_instances").paginate(
        Filters=[
            {"Name": "tag-key", "Values": [APP_TAG]},
            {"Name": "instance-state-name", "Values": BILLED},
        ]
    )
    for page in pages:
        for reservation in page["Reservations"]:
            for one in reservation["Instances"]:
                yield from _of("machine", one["InstanceId"], one.get("Tags"), one.get("LaunchTime"))


def _services(aws: Aws) -> Iterator[TaggedResource]:
    for cluster in _cluster_arns(aws):
        pages = aws.ecs.get_paginator("list_services").paginate(cluster=cluster)
        arns = [arn for page in pages for arn in page["serviceArns"]]
        for at in range(0, len(arns), _SERVICES_AT_ONCE):
            some = arns[at : at + _SERVICES_AT_ONCE]
            answer = aws.ecs.describe_services(cluster=cluster, services=some, include=["TAGS"])
            for one in answer["services"]:
                if one["status"] != "INACTIVE":
                    yield from _of(
                        "service",
                        one["serviceName"],
                        one.get("tags"),
                        one.get("createdAt"),
                        cluster.rsplit("/", 1)[-1],
                    )


def _task_definitions(aws: Aws) -> Iterator[TaggedResource]:
    pages = aws.ecs.get_paginator("list_task_definition_families").paginate(status="ACTIVE")
    for family in [family for page in pages for family in page["families"]]:
        if not family.endswith("Task"):
            continue
        try:
            answer = aws.ecs.describe_task_definition(taskDefinition=family, include=["TAGS"])
        except aws.ecs.exceptions.ClientException:  # it has been deleted meanwhile
            continue
        made = answer["taskDefinition"].get("registeredAt")
        yield from _of("task definition", family, answer.get("tags"), made)


def _queues(aws: Aws) -> Iterator[TaggedResource]:
    pages = aws.sqs.get_paginator("list_queues").paginate()
    for url in [url for page in pages for url in page.get("QueueUrls", [])]:
        try:
            tags = aws.sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
            if tags.get(APP_TAG, SHARED) == SHARED:
                continue
            answer = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["CreatedTimestamp"])
        except aws.sqs.exceptions.ClientError as error:
            if sqs_error(error) == QUEUE_GONE:  # the list is up to a minute old
                continue
            raise
        made = float(answer["Attributes"]["CreatedTimestamp"])
        yield TaggedResource(tags[APP_TAG], "queue", url.rsplit("/", 1)[-1], made)


def _clusters(aws: Aws) -> Iterator[TaggedResource]:
    for arn in _cluster_arns(aws):
        for one in aws.ecs.describe_clusters(clusters=[arn], include=["TAGS"])["clusters"]:
            if one["status"] == "ACTIVE" and one["clusterName"] != DEFAULT:
                yield from _of("cluster", one["clusterName"], one.get("tags"))


def _of(
    kind: str,
    name: str,
    tags: Sequence[Mapping[str, object]] | None,
    made: datetime | None = None,
    cluster: str = "",
) -> Iterator[TaggedResource]:
    """The resource, if it carries the tag; ECS writes key/value, EC2 Key/Value."""
    for tag in tags or []:
        if tag.get("key", tag.get("Key")) == APP_TAG:
            app_name = str(tag.get("value", tag.get("Value", "")))
            yield TaggedResource(app_name, kind, name, made.timestamp() if made else None, cluster)


def _cluster_arns(aws: Aws) -> Iterator[str]:
    for page in aws.ecs.get_paginator("list_clusters").paginate():
        yield from page["clusterArns"]
