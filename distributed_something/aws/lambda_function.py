"""The Lambda function that runs the monitor unattended.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from ..errors import AwsRefusal
from .session import APP_TAG, Aws, error_code

if TYPE_CHECKING:
    from types_boto3_lambda.literals import RuntimeType
    from types_boto3_lambda.type_defs import (
        CreateFunctionRequestTypeDef,
        FunctionConfigurationTypeDef,
    )

RUNTIME: RuntimeType = "python3.13"
# Lambda's longest timeout; a step takes seconds, the end of a large run some minutes.
TIMEOUT_SECONDS = 900
MEMORY_MB = 512
# For some seconds Lambda cannot assume a new role.
_ATTEMPTS = 30
_POLL_SECONDS = 3.0


def find(aws: Aws, name: str) -> FunctionConfigurationTypeDef | None:
    """Its configuration, or None if the function does not exist."""
    try:
        return aws.functions.get_function(FunctionName=name)["Configuration"]
    except aws.functions.exceptions.ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return None


def compare(aws: Aws, name: str, package: bytes) -> str:
    """What ``ensure`` would do: "unchanged", "updated" or "made"."""
    there = find(aws, name)
    if there is None:
        return "made"
    digest = base64.b64encode(hashlib.sha256(package).digest()).decode("ascii")
    return "unchanged" if there["CodeSha256"] == digest and there["Runtime"] == RUNTIME else "updated"


def ensure(aws: Aws, name: str, handler: str, role_arn: str, package: bytes) -> str:
    """Create the function, or update it to this package (a zip). Returns what was done."""
    outcome = compare(aws, name, package)
    if outcome == "updated":
        aws.functions.update_function_code(FunctionName=name, ZipFile=package)
        _settled(aws, name)
        aws.functions.update_function_configuration(FunctionName=name, Runtime=RUNTIME, Handler=handler)
    elif outcome == "made":
        _create(
            aws,
            {
                "FunctionName": name,
                "Runtime": RUNTIME,
                "Handler": handler,
                "Role": role_arn,
                "Code": {"ZipFile": package},
                "Timeout": TIMEOUT_SECONDS,
                "MemorySize": MEMORY_MB,
                "Description": "Watches and ends runs of Distributed-Something",
                "Tags": {APP_TAG: name},
            },
        )
        _settled(aws, name)
    return outcome


def delete(aws: Aws, name: str) -> bool:
    """Returns False if there was none."""
    if find(aws, name) is None:
        return False
    aws.functions.delete_function(FunctionName=name)
    return True


def _create(aws: Aws, wanted: CreateFunctionRequestTypeDef) -> None:
    for _ in range(_ATTEMPTS):
        try:
            aws.functions.create_function(**wanted)
            return
        except aws.functions.exceptions.ClientError as error:
            if "assume" not in str(error) and "role" not in str(error).lower():
                raise
            last = error
        aws.clock.sleep(_POLL_SECONDS)
    raise last


def _settled(aws: Aws, name: str) -> None:
    for _ in range(_ATTEMPTS):
        there = find(aws, name) or {}
        if there.get("LastUpdateStatus", "Successful") == "Successful" and there.get("State") != "Pending":
            return
        aws.clock.sleep(_POLL_SECONDS)
    raise AwsRefusal(f"Lambda does not finish the function {name}; run setupAWS again in a minute")
