"""The ECS cluster: created if missing, removed if it is ours and empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .session import APP_TAG, Aws, ecs_tag_list, error_code

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import ClusterTypeDef

# Shared by the account, so never deleted.
DEFAULT = "default"
IN_USE = "kept: something is still running in it"
_IN_USE = {
    "ClusterContainsContainerInstancesException",
    "ClusterContainsServicesException",
    "ClusterContainsTasksException",
    "UpdateInProgressException",
}


def find(aws: Aws, name: str) -> ClusterTypeDef | None:
    """The active cluster of exactly this name, or None."""
    answer = aws.ecs.describe_clusters(clusters=[name], include=["TAGS"])
    for cluster in answer["clusters"]:
        if cluster["clusterName"] == name and cluster["status"] == "ACTIVE":
            return cluster
    return None


def ensure(aws: Aws, name: str, app_name: str) -> str:
    """Create the cluster if it is missing. Returns "made" or "unchanged"."""
    if find(aws, name):
        return "unchanged"
    aws.ecs.create_cluster(clusterName=name, tags=ecs_tag_list(app_name))
    return "made"


def delete_when_unused(aws: Aws, name: str, app_name: str) -> str:
    """Delete the cluster if this app made it and nothing runs in it. Returns what was done, in words."""
    if name == DEFAULT:
        return "kept: it is the account's default cluster"
    cluster = find(aws, name)
    if cluster is None:
        return "gone"
    tags = {tag["key"]: tag["value"] for tag in cluster.get("tags", [])}
    if tags.get(APP_TAG) != app_name:
        return "kept: it was not made by this app"
    try:
        aws.ecs.delete_cluster(cluster=name)
    except aws.ecs.exceptions.ClientError as error:
        if error_code(error) not in _IN_USE:
            raise
        return IN_USE
    return "deleted"
