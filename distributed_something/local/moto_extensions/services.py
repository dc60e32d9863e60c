"""ECS services as AWS shows them: with their deployment configuration, and their task definition as an ARN.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
"""

from __future__ import annotations

from typing import Any


def apply() -> None:
    """CreateService remembers what moto drops; UpdateService takes a family for its newest revision."""
    from moto.ecs.models import EC2ContainerServiceBackend
    from moto.ecs.responses import EC2ContainerServiceResponse

    create_service = EC2ContainerServiceResponse.create_service
    update_service = EC2ContainerServiceBackend.update_service

    def create(self: Any) -> Any:
        answer = create_service(self)
        service = answer.result["service"]
        service.deployment_configuration = self._get_param("deploymentConfiguration")
        return answer

    def update(self: Any, service_properties: Any) -> Any:
        wanted = service_properties.get("task_definition")
        if wanted:
            service_properties["task_definition"] = self.describe_task_definition(wanted).arn
        return update_service(self, service_properties)

    EC2ContainerServiceResponse.create_service = create
    EC2ContainerServiceBackend.update_service = update
