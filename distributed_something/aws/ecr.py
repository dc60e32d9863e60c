"""ECR, Amazon's image registry: ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
"""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from .session import Aws

if TYPE_CHECKING:
    from types_boto3_ecr import ECRClient

_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/(?P<name>[^:@]+)"
)


def is_ecr(image: str) -> bool:
    return bool(_ECR.match(image))


def login(aws: Aws, image: str) -> dict[str, str]:
    """User name and password for a push. Creates the image's repository if it is missing."""
    place = _ECR.match(image)
    if place is None:
        raise ValueError(f"{image} is no image of ECR")
    ecr: ECRClient = aws.client("ecr", place["region"])
    with suppress(ecr.exceptions.RepositoryAlreadyExistsException):
        ecr.create_repository(repositoryName=place["name"])
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    user, _, password = base64.b64decode(token).decode("ascii").partition(":")
    return {"username": user, "password": password}
