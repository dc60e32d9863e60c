"""IAM: the names of service-linked roles.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
"""

from __future__ import annotations

_NAMES = {"spot": "EC2Spot", "spotfleet": "EC2SpotFleet", "ecs": "ECS", "events": "CloudWatchEvents"}


def apply() -> None:
    """Have CreateServiceLinkedRole create AWSServiceRoleForEC2Spot for spot.amazonaws.com, and so on."""
    from moto.iam import models

    models.SERVICE_NAME_CONVERSION.update(_NAMES)
