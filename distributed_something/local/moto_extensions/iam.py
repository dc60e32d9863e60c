"""IAM: the names that AWS gives to the roles of its own services.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
"""

from __future__ import annotations

_NAMES = {"spot": "EC2Spot", "spotfleet": "EC2SpotFleet", "ecs": "ECS", "events": "CloudWatchEvents"}


def apply() -> None:
    """CreateServiceLinkedRole for spot.amazonaws.com makes AWSServiceRoleForEC2Spot, and so on."""
    from moto.iam import models

    models.SERVICE_NAME_CONVERSION.update(_NAMES)
