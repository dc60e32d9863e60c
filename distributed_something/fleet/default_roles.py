"""The roles used if none is named: those created by setupAWS, or else those of the AWS console."""

from __future__ import annotations

from dataclasses import dataclass

from ..aws import account, roles
from ..aws.account import Account
from ..aws.session import Aws, is_denied

# The names that the AWS console gives to a fleet's two roles.
CONSOLE_FLEET = "aws-ec2-spot-fleet-tagging-role"
CONSOLE_INSTANCE = "ecsInstanceRole"


@dataclass(frozen=True)
class DefaultRoles:
    """ARNs. ``task`` is '' without setupAWS; containers then have the machine's permissions."""

    fleet: str
    instance_profile: str
    task: str


def find_default_roles(aws: Aws) -> DefaultRoles:
    """The existing roles. Callers without iam:GetRole get those of the AWS console."""
    where = Account.of(aws)
    try:
        return DefaultRoles(
            fleet=roles.find_arn(aws, account.FLEET) or where.role(CONSOLE_FLEET),
            instance_profile=where.instance_profile(
                account.INSTANCE if roles.find_arn(aws, account.INSTANCE) else CONSOLE_INSTANCE
            ),
            task=roles.find_arn(aws, account.TASK) or "",
        )
    except aws.iam.exceptions.ClientError as error:
        if not is_denied(error):
            raise
        return DefaultRoles(where.role(CONSOLE_FLEET), where.instance_profile(CONSOLE_INSTANCE), "")
