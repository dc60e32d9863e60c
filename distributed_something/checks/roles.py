"""Checks that roles, instance profiles and key pairs exist, and that the roles trust the right service."""

from __future__ import annotations

from typing import Any, Iterator

from ..aws import roles, vpc
from ..aws.session import Aws
from .finding import Finding

_MEND_TASK = "Run setupAWS, which makes the right one, and set TASK_ROLE to ''"
_MEND = "Run setupAWS, which makes the right one, and leave the key out of the fleet file"


def findings(aws: Aws, request: dict[str, Any], task_role: str) -> Iterator[Finding]:
    """``request``: the SpotFleetRequestConfig; ``task_role``: the containers' role, or ''."""
    yield from _role(aws, "IamFleetRole", request["IamFleetRole"], "spotfleet.amazonaws.com")
    specs = request.get("LaunchSpecifications") or []
    for profile in dict.fromkeys(_profile_name(spec) for spec in specs):
        yield from _profile(aws, profile)
    if task_role:
        yield from _role(aws, "TASK_ROLE", task_role, "ecs-tasks.amazonaws.com", _MEND_TASK)
    for key in dict.fromkeys(spec["KeyName"] for spec in specs if spec.get("KeyName")):
        if not vpc.key_pair_exists(aws, key):
            yield Finding(
                f"There is no key pair {key} in {aws.region}",
                "Write the name of one that there is into SSH_KEY_NAME (without .pem), or '' for none",
            )


def _profile_name(spec: dict[str, Any]) -> str:
    given = spec.get("IamInstanceProfile", {})
    return str(given.get("Name") or given.get("Arn", "").rsplit("/", 1)[-1])


def _profile(aws: Aws, name: str) -> Iterator[Finding]:
    held = roles.profile_roles(aws, name)
    if held is None:
        is_role = roles.find_arn(aws, name) is not None
        yield Finding(
            f"There is no instance profile {name}"
            + ("; it is a role, which is another thing" if is_role else ""),
            _MEND,
        )
        return
    if not held:
        yield Finding(f"The instance profile {name} holds no role", _MEND)
    for role in held:
        yield from _role(aws, f"The instance profile {name}'s role", role, "ec2.amazonaws.com")


def _role(aws: Aws, what: str, arn_or_name: str, service: str, mend: str = _MEND) -> Iterator[Finding]:
    name = arn_or_name.rsplit("/", 1)[-1]
    trusted = roles.trusted_services(aws, name)
    if trusted is None:
        yield Finding(f"{what} {name} does not exist", mend)
    elif service not in trusted:
        yield Finding(
            f"{what} {name} may be taken by {', '.join(sorted(trusted)) or 'nobody'}, and not by {service}",
            mend,
        )
