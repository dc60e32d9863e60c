"""Why containers do not run: the ECS service's events and the reasons of stopped tasks.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Iterator

from .session import Aws

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import TaskTypeDef

# Stopped tasks read; ECS keeps them for at least an hour.
_MOST_TASKS = 100
_RESOURCES = re.compile(r"has insufficient (?P<what>CPU|memory)[^.]*", re.IGNORECASE)


def find_reasons(aws: Aws, cluster: str, service: str, since: float) -> list[str]:
    """Each problem once, with what to do, latest first."""
    found = [*_of_service(aws, cluster, service, since), *_of_tasks(aws, cluster, service)]
    return list(dict.fromkeys(found))


def _of_service(aws: Aws, cluster: str, service: str, since: float) -> Iterator[str]:
    for one in aws.ecs.describe_services(cluster=cluster, services=[service])["services"]:
        for event in one.get("events", []):
            if event["createdAt"].timestamp() >= since:
                told = explain_event(event["message"])
                if told:
                    yield told


def _of_tasks(aws: Aws, cluster: str, service: str) -> Iterator[str]:
    arns = aws.ecs.list_tasks(cluster=cluster, serviceName=service, desiredStatus="STOPPED")["taskArns"]
    if arns:
        for task in aws.ecs.describe_tasks(cluster=cluster, tasks=arns[:_MOST_TASKS])["tasks"]:
            told = explain_stopped_task(task)
            if told:
                yield told


def explain_stopped_task(task: TaskTypeDef) -> str:
    """What the reasons of a stopped task mean; '' if it ended normally."""
    reasons = " ".join(
        [task.get("stoppedReason", "")] + [one.get("reason", "") for one in task.get("containers", [])]
    )
    told = explain_event(reasons)
    if told:
        return told
    codes = [one["exitCode"] for one in task.get("containers", []) if one.get("exitCode")]
    if codes and codes[0] not in (137, 143):  # ended from outside
        return (
            f"workers crash at their start (exit code {codes[0]}): `logs --machines` shows their output; "
            "most often the image holds no worker, or was built for another architecture"
        )
    return ""


def explain_event(message: str) -> str:
    """An event or reason of ECS in plain words, followed by AWS's own; '' if it is not a problem."""
    if "CannotPull" in message:
        return (
            "the image cannot be pulled: is DOCKERHUB_TAG written right and public (or in ECR), and can the "
            f"machines reach it? (AWS says: {message.strip()})"
        )
    if "OutOfMemory" in message:
        return "containers run out of memory: raise MEMORY, or lower DOCKER_CORES"
    lacking = _RESOURCES.search(message)
    if lacking:
        what = lacking.group("what").lower()
        variable = "MEMORY" if what == "memory" else "CPU_SHARES"
        return (
            f"the container does not fit on a machine, which has too little {what}: lower {variable} or "
            "TASKS_PER_MACHINE, or take a larger MACHINE_TYPE"
        )
    if "unable to assume the role" in message or "unable to assume role" in message:
        return f"ECS may not use the containers' role: run setupAWS and setup again (AWS says: {message})"
    return ""
