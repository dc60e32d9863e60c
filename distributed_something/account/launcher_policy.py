"""The minimal policy for users who launch runs, once setupAWS has been run for the account."""

from __future__ import annotations

from typing import NamedTuple, Sequence

from ..aws import account
from ..aws.account import Account
from ..config.settings import Settings
from . import policies
from .policies import Document, allow


class _Row(NamedTuple):
    """Actions that are allowed on these resources, which are written as ``_arn`` reads them."""

    actions: Sequence[str]
    resources: Sequence[str]
    condition: Document | None = None


_PASSED_TO = [
    "spotfleet.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "scheduler.amazonaws.com",
]

# Beside what the monitor's role may do, and the buckets of config.py.
_ROWS = [
    _Row(
        [
            "cloudwatch:ListDashboards",
            "ec2:DescribeImages",
            "ec2:DescribeInstanceTypeOfferings",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeKeyPairs",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSpotPriceHistory",
            "ec2:DescribeSubnets",
            "ecs:DescribeTaskDefinition",
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:ListTaskDefinitionFamilies",
            "scheduler:ListSchedules",
            "servicequotas:GetServiceQuota",
            "sqs:ListQueues",
        ],
        ["*"],
    ),
    _Row(["ec2:DescribeSpotFleetRequestHistory"], ["ec2:spot-fleet-request/*"]),
    _Row(["scheduler:GetScheduleGroup"], [f"scheduler:schedule-group/{account.NAME}"]),
    _Row(
        [
            "sqs:ChangeMessageVisibility",
            "sqs:CreateQueue",
            "sqs:DeleteMessage",
            "sqs:PurgeQueue",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
            "sqs:SetQueueAttributes",
            "sqs:TagQueue",
        ],
        ["sqs:*"],
    ),
    _Row(
        ["ecs:CreateCluster", "ecs:CreateService", "ecs:RegisterTaskDefinition", "ecs:TagResource"],
        [f"ecs:{kind}/*" for kind in policies.ECS_RESOURCES],
    ),
    _Row(
        [
            "logs:CreateLogGroup",
            "logs:DescribeLogStreams",
            "logs:GetLogEvents",
            "logs:ListTagsForResource",
            "logs:PutRetentionPolicy",
            "logs:TagResource",
        ],
        ["logs:log-group:*"],
    ),
    _Row(["ssm:GetParameter"], ["ssm::parameter/aws/service/ecs/optimized-ami/*"]),
    _Row(
        ["ec2:RequestSpotFleet"],
        [
            "ec2:key-pair/*",
            "ec2:launch-template/*",
            "ec2:placement-group/*",
            "ec2:security-group/*",
            "ec2:spot-fleet-request/*",
            "ec2:subnet/*",
            "ec2::image/*",
            "ec2::snapshot/*",
        ],
    ),
    _Row(["ec2:CreateTags"], ["ec2:spot-fleet-request/*"]),
    _Row(["iam:GetInstanceProfile"], [f"iam:instance-profile/{account.INSTANCE}"]),
    _Row(["iam:GetRole"], [f"iam:role/{name}" for name in (account.FLEET, account.INSTANCE, account.TASK)]),
    _Row(
        ["iam:PassRole"],
        [f"iam:role/{name}" for name in (account.FLEET, account.INSTANCE, account.TASK, account.SCHEDULER)],
        {"StringEquals": {"iam:PassedToService": _PASSED_TO}},
    ),
    _Row(["scheduler:CreateSchedule"], [f"scheduler:schedule/{account.NAME}/*"]),
    _Row(["cloudwatch:PutDashboard"], ["cloudwatch:dashboard/*"]),
]
# Resources of these services have no region in their ARNs, as far as the rows name them.
_WITHOUT_REGION = ("iam", "cloudwatch")


def launcher_policy(where: Account, settings: Settings) -> Document:
    """Permissions for setup, submitJob, startCluster, monitor and cleanup, with the buckets of config.py."""
    read_only = sorted({settings.source_bucket} - {settings.aws_bucket})
    return policies.policy_document(
        [
            *policies.watching_statements(where),
            *policies.teardown_statements(where),
            *policies.run_bucket_policy(where, settings.aws_bucket)["Statement"],
            *[allow(["s3:ListBucket"], [where.bucket(name)]) for name in read_only],
            *[
                allow(row.actions, [_arn(where, one) for one in row.resources], row.condition)
                for row in _ROWS
            ],
            allow(["lambda:GetFunction"], [where.function]),
            allow(["sns:Publish", "sns:ListSubscriptionsByTopic"], [where.topic]),
        ]
    )


def _arn(where: Account, written: str) -> str:
    """The ARN of "service:resource" of this account; "service::resource" is AWS's own, "*" is everything."""
    if written == "*":
        return written
    service, resource = written.split(":", 1)
    region = "" if service in _WITHOUT_REGION else "*"
    number = "" if resource.startswith(":") else where.number
    return where.arn(service, resource.lstrip(":"), region, number)
