"""The fleet's machines in ECS: the containers on each, and which of them are busy.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_GetTaskProtection.html
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterator, Sequence

from .session import Aws

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import ContainerInstanceTypeDef

# Limits per call: of the Describe calls and GetTaskProtection, and of UpdateContainerInstancesState.
_AT_ONCE = 100
_STATES_AT_ONCE = 10


@dataclass(frozen=True)
class ContainerInstance:
    """One running machine of the fleet.

    ``container_instance``: its ARN in the cluster, '' until it has joined. ``containers``: the number running
    on it; ``protected``: how many of them are busy.
    """

    instance: str
    container_instance: str = ""
    containers: int = 0
    protected: int = 0
    draining: bool = False


def describe_instances(
    aws: Aws, cluster: str, app_name: str, service: str, instances: Sequence[str]
) -> list[ContainerInstance]:
    """One ContainerInstance per machine, whether it has joined the cluster or not."""
    joined = {one["ec2InstanceId"]: one for one in list_joined(aws, cluster, app_name)}
    containers: Counter[str] = Counter()
    protected: Counter[str] = Counter()
    if joined:
        containers, protected = _tasks(aws, cluster, service)
    found = []
    for instance in instances:
        arn = joined.get(instance, {}).get("containerInstanceArn", "")
        draining = joined.get(instance, {}).get("status") == "DRAINING"
        found.append(ContainerInstance(instance, arn, containers[arn], protected[arn], draining))
    return found


def list_joined(aws: Aws, cluster: str, app_name: str) -> list[ContainerInstanceTypeDef]:
    """The container instances of the app, as in the answer of DescribeContainerInstances."""
    pages = aws.ecs.get_paginator("list_container_instances").paginate(
        cluster=cluster, filter=f"attribute:app == {app_name}"
    )
    arns = [arn for page in pages for arn in page["containerInstanceArns"]]
    return [
        one
        for some in _slices(arns, _AT_ONCE)
        for one in aws.ecs.describe_container_instances(cluster=cluster, containerInstances=some)[
            "containerInstances"
        ]
    ]


def set_draining(aws: Aws, cluster: str, container_instances: Sequence[str], draining: bool) -> None:
    """Stop placing containers on these, or allow it again."""
    for some in _slices(container_instances, _STATES_AT_ONCE):
        aws.ecs.update_container_instances_state(
            cluster=cluster, containerInstances=some, status="DRAINING" if draining else "ACTIVE"
        )


def _tasks(aws: Aws, cluster: str, service: str) -> tuple[Counter[str], Counter[str]]:
    """Tasks of the service, and protected tasks, of each container instance."""
    pages = aws.ecs.get_paginator("list_tasks").paginate(
        cluster=cluster, serviceName=service, desiredStatus="RUNNING"
    )
    arns = [arn for page in pages for arn in page["taskArns"]]
    place: dict[str, str] = {}
    protected: Counter[str] = Counter()
    for some in _slices(arns, _AT_ONCE):
        for task in aws.ecs.describe_tasks(cluster=cluster, tasks=some)["tasks"]:
            place[task["taskArn"]] = task.get("containerInstanceArn", "")
        for one in aws.ecs.get_task_protection(cluster=cluster, tasks=some)["protectedTasks"]:
            if one["protectionEnabled"]:
                protected[place.get(one["taskArn"], "")] += 1
    return Counter(place.values()), protected


def _slices(items: Sequence[str], length: int) -> Iterator[list[str]]:
    for at in range(0, len(items), length):
        yield list(items[at : at + length])
