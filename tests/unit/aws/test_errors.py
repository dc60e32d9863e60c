"""What AWS refuses, as a user reads it."""

import pytest
from botocore.exceptions import ClientError, SSOTokenLoadError

from distributed_something.aws.errors import explain, session_expired

DENIED = (
    "User: arn:aws:iam::123456789012:user/me is not authorized to perform: sqs:createqueue on resource: "
    "arn:aws:sqs:us-east-1:123456789012:MyQueue because no identity-based policy allows it"
)
EC2 = (
    "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/me is not "
    "authorized to perform: ec2:RequestSpotFleet on resource: arn:aws:ec2:us-east-1:123456789012:subnet/* "
    "because no identity-based policy allows it. Encoded authorization failure message: abc"
)


def refused(code, message, operation="SomeCall"):
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            refused("AccessDenied", DENIED),
            "Missing: sqs:createqueue on arn:aws:sqs:us-east-1:123456789012:MyQueue. Ask who keeps the "
            'account to add this statement to the policy:\n{"Effect": "Allow", "Action": "sqs:createqueue", '
            '"Resource": "arn:aws:sqs:us-east-1:123456789012:MyQueue"}',
        ),
        (
            refused("UnauthorizedOperation", EC2),
            '"Action": "ec2:RequestSpotFleet", "Resource": "arn:aws:ec2:us-east-1:123456789012:subnet/*"}',
        ),
        (
            refused("AccessDeniedException", "x is not authorized to perform: ecs:ListClusters"),
            "Missing: ecs:ListClusters on *. Ask",
        ),
        (
            refused(
                "AccessDenied", DENIED.replace("no identity-based policy", "of an explicit deny, nothing")
            ),
            "A policy of the account denies sqs:createqueue on arn:aws:sqs:us-east-1:123456789012:MyQueue",
        ),
        (
            refused("AccessDenied", "Access Denied", "PutObject"),
            "ask who keeps the account to allow PutObject",
        ),
        (refused("ExpiredToken", "too old"), "The session has expired: log in again"),
        (refused("Throttling", "Rate exceeded"), "wait a minute and repeat"),
    ],
)
def test_every_refusal_says_what_to_do(error, told):
    assert told in str(explain(error))


def test_an_expired_session_is_known_from_keys_that_never_were_any():
    assert session_expired(refused("ExpiredTokenException", "too old"))
    assert session_expired(SSOTokenLoadError(error_msg="too old"))
    assert not session_expired(refused("InvalidClientTokenId", "no such key"))
    assert not session_expired(ValueError("a bug"))
