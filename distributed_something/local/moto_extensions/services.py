"""ECS services and clusters as on AWS: deployment configuration, task definition as an ARN, no deletion
of a cluster that is in use.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
"""

from __future__ import annotations

from typing import Any


def apply() -> None:
    """CreateService keeps what moto drops; UpdateService resolves a family to its newest revision;
    DeleteCluster refuses if machines or services are in it.
    """
    from moto.core.exceptions import JsonRESTError
    from moto.ecs.models import EC2ContainerServiceBackend
    from moto.ecs.responses import EC2ContainerServiceResponse

    create_service = EC2ContainerServiceResponse.create_service
    update_service = EC2ContainerServiceBackend.update_service
    delete_cluster = EC2ContainerServiceBackend.delete_cluster

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

    def delete(self: Any, cluster_str: str) -> Any:
        name = cluster_str.split("/")[-1]
        if self.container_instances.get(name):
            kind, what = "ClusterContainsContainerInstancesException", "container instances"
        elif any(one.cluster_name == name and one.status == "ACTIVE" for one in self.services.values()):
            kind, what = "ClusterContainsServicesException", "services"
        else:
            return delete_cluster(self, cluster_str)
        raise JsonRESTError(kind, f"The Cluster cannot be deleted while {what} are active.")

    EC2ContainerServiceBackend.delete_cluster = delete
    EC2ContainerServiceResponse.create_service = create
    EC2ContainerServiceBackend.update_service = update
