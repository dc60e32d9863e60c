"""Turns AWS errors into a sentence that says what to do.

Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and the common errors
of each service's reference.
"""

from __future__ import annotations

import json
import re
import sys

from ..errors import AwsRefusal, DistributedSomethingError, UserError
from .session import DENIED, error_code

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
# botocore's errors for an expired `aws sso login`.
_EXPIRED_SSO = {"UnauthorizedSSOTokenError", "SSOTokenLoadError", "TokenRetrievalError"}
_UNKNOWN_KEY = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
}
_DENIAL = re.compile(
    r"not authorized to perform:? (?P<action>[\w-]+:\w+)(?: on resource:? (?P<resource>\S+))?"
)
_BUSY = {"Throttling", "ThrottlingException", "RequestLimitExceeded", "SlowDown"}


def explain(error: BaseException) -> DistributedSomethingError | None:
    """The error as shown to the user; None for an error that does not come from AWS (a bug of ours)."""
    if "botocore" not in sys.modules:
        return None
    from botocore import exceptions

    if isinstance(error, exceptions.NoCredentialsError):
        return UserError(
            "No AWS credentials were found. Run `aws configure`, or name a profile that has them in "
            "AWS_PROFILE of config.py"
        )
    if isinstance(error, exceptions.PartialCredentialsError):
        return UserError(f"The AWS credentials are incomplete: {error}. Run `aws configure`")
    if isinstance(error, exceptions.ProfileNotFound):
        return UserError(
            f"{error}. AWS_PROFILE of config.py names it; `aws configure list-profiles` lists those there are"
        )
    if isinstance(error, exceptions.ConnectionError):
        return AwsRefusal(
            f"AWS could not be reached: {error}. Is there a network, and is AWS_REGION of config.py "
            "written right?"
        )
    if isinstance(error, exceptions.ClientError):
        return AwsRefusal(_sentence(error))
    if isinstance(error, exceptions.BotoCoreError):
        return AwsRefusal(f"{error}")
    return None


def session_expired(error: BaseException) -> bool:
    """Whether the credentials have expired, so that a new login is enough."""
    return error_code(error) in _EXPIRED or type(error).__name__ in _EXPIRED_SSO


def _missing_permission(operation: str, message: str) -> str:
    """The permission to ask for, from AWS's message.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    found = _DENIAL.search(message)
    if not found:
        return f"Your user lacks this permission; ask who keeps the account to allow {operation}"
    action, resource = found.group("action"), (found.group("resource") or "*").rstrip(".,")
    if "explicit deny" in message:
        return (
            f"A policy of the account denies {action} on {resource}: ask who keeps the account to lift that"
        )
    statement = json.dumps({"Effect": "Allow", "Action": action, "Resource": resource})
    return (
        f"Missing: {action} on {resource}. Ask who keeps the account to add this statement to the policy:\n"
        f"{statement}\nAll that launching needs is printed by:  python run.py setupAWS --print-policy"
    )


def _sentence(error: BaseException) -> str:
    code = error_code(error)
    operation = getattr(error, "operation_name", "a call")
    message = getattr(error, "response", {}).get("Error", {}).get("Message", "")
    told = f"AWS refused {operation}: {message or code}"
    if code in DENIED:
        return f"{told}\n{_missing_permission(operation, message)}"
    if code in _EXPIRED:
        return f"{told}\nThe session has expired: log in again (`aws sso login`) and repeat the command"
    if code in _UNKNOWN_KEY:
        return f"{told}\nThe access key is not valid: run `aws configure`, or look at AWS_PROFILE"
    if code in _BUSY:
        return f"{told}\nAWS is busy or limits your account; wait a minute and repeat the command"
    return f"{told} ({code})"
