"""IAM roles with their inline policies and instance profiles: compared, created, updated, removed.

Each part is compared on its own, so the next call completes a role that a crash left half created.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Callable, Mapping, TypeVar

from .session import Aws, error_code, tag_list

SAME, DIFFERENT, MISSING = "unchanged", "updated", "made"
_GONE = "NoSuchEntity"
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Role:
    """A role as it should be. ``policies``: inline policies, {name: document}.

    ``additions``: further policies of this config.py; those of other configurations are left alone.
    ``with_profile``: whether an instance profile of the same name contains the role.
    """

    name: str
    trust: Mapping[str, Any]
    policies: Mapping[str, Mapping[str, Any]]
    additions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    with_profile: bool = False

    @property
    def documents(self) -> dict[str, Mapping[str, Any]]:
        return {**self.policies, **self.additions}


def find_arn(aws: Aws, name: str) -> str | None:
    """The role's ARN, or None if it does not exist."""
    there = _found(lambda: aws.iam.get_role(RoleName=name))
    return there and str(there["Role"]["Arn"])


def compare(aws: Aws, role: Role) -> str:
    """What ``ensure`` would do: "unchanged", "updated" or "made"."""
    there = _found(lambda: aws.iam.get_role(RoleName=role.name))
    if there is None:
        return MISSING
    same = (
        _document(there["Role"]["AssumeRolePolicyDocument"]) == role.trust
        and all(_policy(aws, role.name, name) == wanted for name, wanted in role.documents.items())
        and (not role.with_profile or _profile_holds(aws, role.name))
    )
    return SAME if same else DIFFERENT


def ensure(aws: Aws, role: Role) -> str:
    """Create or update the role. Returns what was done."""
    outcome = compare(aws, role)
    if outcome == SAME:
        return outcome
    trust = json.dumps(role.trust)
    if outcome == MISSING:
        aws.iam.create_role(
            RoleName=role.name,
            AssumeRolePolicyDocument=trust,
            Description="Made by Distributed-Something's setupAWS",
            Tags=tag_list(role.name),
        )
    else:
        aws.iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=trust)
    for name, wanted in role.documents.items():
        aws.iam.put_role_policy(RoleName=role.name, PolicyName=name, PolicyDocument=json.dumps(wanted))
    if role.with_profile and not _profile_holds(aws, role.name):
        if _found(lambda: aws.iam.get_instance_profile(InstanceProfileName=role.name)) is None:
            aws.iam.create_instance_profile(InstanceProfileName=role.name)
        aws.iam.add_role_to_instance_profile(InstanceProfileName=role.name, RoleName=role.name)
    return outcome


def remove(aws: Aws, name: str) -> bool:
    """Remove the role with its policies and its instance profile. Returns False if there was none."""
    profile = _found(lambda: aws.iam.get_instance_profile(InstanceProfileName=name))
    if profile is not None:
        for role in profile["InstanceProfile"]["Roles"]:
            aws.iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role["RoleName"])
        aws.iam.delete_instance_profile(InstanceProfileName=name)
    if _found(lambda: aws.iam.get_role(RoleName=name)) is None:
        return profile is not None
    for inline in aws.iam.get_paginator("list_role_policies").paginate(RoleName=name):
        for policy in inline["PolicyNames"]:
            aws.iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in aws.iam.get_paginator("list_attached_role_policies").paginate(RoleName=name):
        for managed in attached["AttachedPolicies"]:
            aws.iam.detach_role_policy(RoleName=name, PolicyArn=managed["PolicyArn"])
    aws.iam.delete_role(RoleName=name)
    return True


def trusted_services(aws: Aws, name: str) -> set[str] | None:
    """The services that can assume the role, or None if it does not exist."""
    there = _found(lambda: aws.iam.get_role(RoleName=name))
    if there is None:
        return None
    statements = _document(there["Role"]["AssumeRolePolicyDocument"])["Statement"]
    found: set[str] = set()
    for one in [statements] if isinstance(statements, dict) else statements:
        services = one.get("Principal", {}).get("Service", [])
        if one.get("Effect") == "Allow":
            found |= {services} if isinstance(services, str) else set(services)
    return found


def profile_roles(aws: Aws, name: str) -> list[str] | None:
    """The names of the instance profile's roles, or None if it does not exist."""
    there = _found(lambda: aws.iam.get_instance_profile(InstanceProfileName=name))
    return there and [str(one["RoleName"]) for one in there["InstanceProfile"]["Roles"]]


def service_linked(aws: Aws, role_name: str) -> bool:
    """Whether this service-linked role exists."""
    return find_arn(aws, role_name) is not None


def make_service_linked(aws: Aws, service: str) -> None:
    """Create the service-linked role of this service, for example spot.amazonaws.com."""
    try:
        aws.iam.create_service_linked_role(AWSServiceName=service)
    except aws.iam.exceptions.ClientError as error:
        if error_code(error) != "InvalidInput":  # it has been made meanwhile
            raise


def _profile_holds(aws: Aws, name: str) -> bool:
    profile = _found(lambda: aws.iam.get_instance_profile(InstanceProfileName=name))
    return profile is not None and any(one["RoleName"] == name for one in profile["InstanceProfile"]["Roles"])


def _policy(aws: Aws, role: str, name: str) -> Any:
    there = _found(lambda: aws.iam.get_role_policy(RoleName=role, PolicyName=name))
    return there and _document(there["PolicyDocument"])


def _document(given: object) -> Any:
    """The policy as an object; boto3 decodes some of them already."""
    return json.loads(given) if isinstance(given, str) else given


def _found(ask: Callable[[], Answer]) -> Answer | None:
    """The answer, or None if the resource does not exist."""
    try:
        return ask()
    except Exception as error:
        if error_code(error) == _GONE:
            return None
        raise
