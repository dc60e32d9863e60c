"""The ECS service: keeps the wanted number of worker containers running on the available machines.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .session import Aws, ecs_tag_list, error_code

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import DeploymentConfigurationTypeDef, ServiceTypeDef

# The name of a deleted service is free again once it is no longer DRAINING.
DRAINING_POLL_SECONDS = 5
_GONE = {"ServiceNotFoundException", "ClusterNotFoundException"}
# ECS may replace all containers at once: if it had to keep 100% healthy, a machine that is about to be
# interrupted would never be drained.
_DEPLOYMENT: DeploymentConfigurationTypeDef = {"maximumPercent": 100, "minimumHealthyPercent": 0}


def find(aws: Aws, cluster: str, name: str) -> ServiceTypeDef | None:
    """The service of exactly this name unless it is INACTIVE; otherwise None."""
    try:
        answer = aws.ecs.describe_services(cluster=cluster, services=[name])
    except aws.ecs.exceptions.ClientError as error:
        if error_code(error) in _GONE:
            return None
        raise
    for service in answer["services"]:
        if service["serviceName"] == name and service["status"] != "INACTIVE":
            return service
    return None


def ensure(aws: Aws, cluster: str, name: str, family: str, task_arn: str, app_name: str) -> str:
    """Create the service without containers, or update it to this task definition.

    A service that is scaled up keeps its count. Returns "made", "updated" or "unchanged".
    """
    there = find(aws, cluster, name)
    while there is not None and there["status"] == "DRAINING":
        aws.clock.sleep(DRAINING_POLL_SECONDS)
        there = find(aws, cluster, name)
    if there is None:
        aws.ecs.create_service(
            cluster=cluster,
            serviceName=name,
            taskDefinition=family,
            desiredCount=0,
            launchType="EC2",
            deploymentConfiguration=_DEPLOYMENT,
            propagateTags="SERVICE",
            tags=ecs_tag_list(app_name),
        )
        return "made"
    deployment = there.get("deploymentConfiguration", {})
    differs = any(deployment.get(key) != value for key, value in _DEPLOYMENT.items())
    if there["taskDefinition"] == task_arn and not differs:
        return "unchanged"
    aws.ecs.update_service(
        cluster=cluster, service=name, taskDefinition=family, deploymentConfiguration=_DEPLOYMENT
    )
    return "updated"


def scale(aws: Aws, cluster: str, name: str, containers: int) -> bool:
    """Set how many containers are wanted. Returns False if the service does not exist."""
    there = find(aws, cluster, name)
    if there is None or there["status"] != "ACTIVE":
        return False
    if there["desiredCount"] != containers:
        aws.ecs.update_service(cluster=cluster, service=name, desiredCount=containers)
    return True


def delete(aws: Aws, cluster: str, name: str) -> bool:
    """Delete the service and its running containers. Returns False if there was none."""
    there = find(aws, cluster, name)
    if there is None:
        return False
    if there["status"] == "ACTIVE":
        aws.ecs.delete_service(cluster=cluster, service=name, force=True)
    return True
