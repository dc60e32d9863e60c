"""Asks IAM whether the caller has the permissions of a policy.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .session import Aws

if TYPE_CHECKING:
    from types_boto3_iam.type_defs import ContextEntryTypeDef


def missing_permissions(aws: Aws, policy: dict[str, Any]) -> list[tuple[str, str]]:
    """The (action, resource) pairs of the policy that the caller lacks."""
    principal = simulated_principal(aws.sts.get_caller_identity()["Arn"])
    lacking: list[tuple[str, str]] = []
    for statement in policy["Statement"]:
        for page in aws.iam.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=principal,
            ActionNames=statement["Action"],
            ResourceArns=statement["Resource"],
            ContextEntries=_context(statement.get("Condition", {})),
        ):
            lacking += [
                (result["EvalActionName"], result["EvalResourceName"])
                for result in page["EvaluationResults"]
                if result["EvalDecision"] != "allowed"
            ]
    return lacking


def simulated_principal(caller: str) -> str:
    """The user or role whose policies apply; for a role's session, the role."""
    if ":assumed-role/" not in caller:
        return caller
    beginning, name = caller.split(":assumed-role/", 1)
    return beginning.replace(":sts:", ":iam:") + ":role/" + name.split("/")[0]


def _context(condition: dict[str, Any]) -> list[ContextEntryTypeDef]:
    """Values under which the statement's own condition holds."""
    entries: list[ContextEntryTypeDef] = []
    for operator, keys in condition.items():
        for key, value in keys.items():
            values = ["some-run"] if operator == "Null" else value if isinstance(value, list) else [value]
            entries.append(
                {"ContextKeyName": key, "ContextKeyValues": values[:1], "ContextKeyType": "string"}
            )
    return entries
