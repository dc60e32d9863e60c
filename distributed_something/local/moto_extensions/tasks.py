"""ECS tasks: scale-in protection, and running until they are stopped.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskProtection.html
"""

from __future__ import annotations

from typing import Any


def apply() -> None:
    """Add both operations of task protection; tasks change their state only on request."""
    from moto.ecs.responses import EC2ContainerServiceResponse
    from moto.moto_api import state_manager

    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1_000_000_000})

    def update_task_protection(self: Any) -> Any:
        protect = bool(self._get_param("protectionEnabled"))
        for task in _named(self):
            task.protected = protect
        return _told(self)

    def get_task_protection(self: Any) -> Any:
        return _told(self)

    EC2ContainerServiceResponse.update_task_protection = update_task_protection
    EC2ContainerServiceResponse.get_task_protection = get_task_protection


def _named(self: Any) -> list[Any]:
    """The tasks of the request, which names them by id or ARN."""
    ids = {one.rsplit("/", 1)[-1] for one in self._get_param("tasks") or []}
    cluster = self._get_param("cluster").rsplit("/", 1)[-1]
    return [one for one in self.ecs_backend.tasks.get(cluster, {}).values() if one.id in ids]


def _told(self: Any) -> Any:
    from moto.core.responses import ActionResult

    tasks = [
        {"taskArn": task.task_arn, "protectionEnabled": getattr(task, "protected", False)}
        for task in _named(self)
        if task.last_status != "STOPPED"
    ]
    return ActionResult({"protectedTasks": tasks, "failures": []})
