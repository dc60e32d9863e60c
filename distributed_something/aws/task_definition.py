"""The ECS task definition of the worker containers.

No keys: containers use roles. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..config.settings import Settings
from .session import Aws, ecs_tag_list

if TYPE_CHECKING:
    from types_boto3_ecs.literals import TaskDefinitionStatusType
    from types_boto3_ecs.type_defs import (
        ContainerDefinitionTypeDef,
        RegisterTaskDefinitionRequestTypeDef,
        TaskDefinitionTypeDef,
    )

# The name of the one container in the task.
CONTAINER = "worker"
# Seconds from SIGTERM to SIGKILL: under the two minutes of a spot interruption notice.
STOP_TIMEOUT = 110
_DELETE_AT_ONCE = 10


def build_definition(
    settings: Settings, queue_url: str, dead_letter_url: str
) -> RegisterTaskDefinitionRequestTypeDef:
    """The arguments of RegisterTaskDefinition, without tags."""
    variables = {
        **settings.container_environment(),
        "SQS_QUEUE_URL": queue_url,
        "SQS_DEAD_LETTER_QUEUE_URL": dead_letter_url,
    }
    container: ContainerDefinitionTypeDef = {
        "name": CONTAINER,
        "image": settings.dockerhub_tag,
        "cpu": settings.cpu_shares,
        "memory": settings.memory,
        "essential": True,
        # Only mounting the bucket (FUSE) needs more privileges on the machine.
        "privileged": not settings.download_files,
        "stopTimeout": STOP_TIMEOUT,
        "environment": [{"name": name, "value": variables[name]} for name in sorted(variables)],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": settings.instance_log_group,
                "awslogs-region": settings.aws_region,
                "awslogs-stream-prefix": settings.app_name,
                # When CloudWatch is slow, blocking would stall the tool, and a small buffer would drop
                # lines; a large buffer does neither.
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
    }
    made: RegisterTaskDefinitionRequestTypeDef = {
        "family": settings.task_family,
        "networkMode": "bridge",
        "requiresCompatibilities": ["EC2"],
        "containerDefinitions": [container],
        # Keeps two runs that share a cluster off each other's machines.
        "placementConstraints": [{"type": "memberOf", "expression": f"attribute:app == {settings.app_name}"}],
    }
    if settings.task_role:
        made["taskRoleArn"] = settings.task_role
    return made


def latest(aws: Aws, family: str) -> TaskDefinitionTypeDef | None:
    """The newest active revision of exactly this family, or None."""
    arns = _arns(aws, family, "ACTIVE")
    if not arns:
        return None
    newest = max(arns, key=lambda arn: int(arn.rsplit(":", 1)[1]))
    return aws.ecs.describe_task_definition(taskDefinition=newest)["taskDefinition"]


def ensure(aws: Aws, wanted: RegisterTaskDefinitionRequestTypeDef, app_name: str) -> str:
    """Register a new revision if the newest one differs. Returns "made", "updated" or "unchanged"."""
    there = latest(aws, wanted["family"])
    if there is not None and _role(there) == _role(wanted) and _covers(there, wanted):
        return "unchanged"
    tagged: RegisterTaskDefinitionRequestTypeDef = {**wanted, "tags": ecs_tag_list(app_name)}
    aws.ecs.register_task_definition(**tagged)
    return "made" if there is None else "updated"


def delete_revisions(aws: Aws, family: str) -> int:
    """Deregister and delete every revision of exactly this family. Returns how many."""
    for arn in _arns(aws, family, "ACTIVE"):
        aws.ecs.deregister_task_definition(taskDefinition=arn)
    inactive = _arns(aws, family, "INACTIVE")
    for at in range(0, len(inactive), _DELETE_AT_ONCE):
        aws.ecs.delete_task_definitions(taskDefinitions=inactive[at : at + _DELETE_AT_ONCE])
    return len(inactive)


def _arns(aws: Aws, family: str, status: TaskDefinitionStatusType) -> list[str]:
    pages = aws.ecs.get_paginator("list_task_definitions").paginate(familyPrefix=family, status=status)
    return [
        arn
        for page in pages
        for arn in page["taskDefinitionArns"]
        if arn.rsplit("/", 1)[1].rsplit(":", 1)[0] == family
    ]


def _role(one: TaskDefinitionTypeDef | RegisterTaskDefinitionRequestTypeDef) -> str:
    """The role's name; ECS accepts a name or an ARN."""
    return str(one.get("taskRoleArn", "")).rsplit("/", 1)[-1]


def _covers(there: object, wanted: object) -> bool:
    """Whether all of ``wanted`` is in ``there``; AWS adds defaults and may reorder lists."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(
            key == "taskRoleArn" or (key in there and _covers(there[key], value))
            for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        if not isinstance(there, list) or len(there) != len(wanted):
            return False
        key = _sort_key
        return all(map(_covers, sorted(there, key=key), sorted(wanted, key=key)))
    return bool(there == wanted)


def _sort_key(entry: object) -> str:
    return str(entry.get("name", "")) if isinstance(entry, dict) else str(entry)
