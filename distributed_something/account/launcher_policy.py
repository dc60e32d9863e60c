"""The minimal policy for users who launch runs, once setupAWS has been run for the account."""

from __future__ import annotations

from ..aws import account
from ..aws.account import Account
from ..config.settings import Settings
from . import policies
from .policies import Document, allow


def launcher_policy(where: Account, settings: Settings) -> Document:
    """Permissions for setup, submitJob, startCluster, monitor and cleanup, with the buckets of config.py."""
    run_bucket = policies.run_bucket_policy(where, settings.aws_bucket)["Statement"]
    listed = sorted({settings.source_bucket} - {settings.aws_bucket})
    return policies.policy_document(
        [
            *policies.watching_statements(where),
            *policies.teardown_statements(where),
            *run_bucket,
            *[allow(["s3:ListBucket"], [where.bucket(name)]) for name in listed],
            allow(
                [
                    "ec2:DescribeImages",
                    "ec2:DescribeInstanceTypeOfferings",
                    "ec2:DescribeInstanceTypes",
                    "ec2:DescribeKeyPairs",
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeSpotPriceHistory",
                    "ec2:DescribeSubnets",
                    "ecs:ListTaskDefinitionFamilies",
                    "ecs:DescribeTaskDefinition",
                    "sqs:ListQueues",
                    "ecs:ListClusters",
                    "ecs:ListServices",
                    "scheduler:ListSchedules",
                    "cloudwatch:ListDashboards",
                    "servicequotas:GetServiceQuota",
                ],
                ["*"],
            ),
            allow(["ec2:DescribeSpotFleetRequestHistory"], [where.arn("ec2", "spot-fleet-request/*")]),
            allow(["scheduler:GetScheduleGroup"], [where.arn("scheduler", f"schedule-group/{account.NAME}")]),
            allow(
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
                [where.arn("sqs", "*")],
            ),
            policies.allow_in_ecs(
                where,
                [
                    "ecs:CreateCluster",
                    "ecs:CreateService",
                    "ecs:RegisterTaskDefinition",
                    "ecs:TagResource",
                ],
            ),
            allow(
                [
                    "logs:CreateLogGroup",
                    "logs:DescribeLogStreams",
                    "logs:GetLogEvents",
                    "logs:ListTagsForResource",
                    "logs:PutRetentionPolicy",
                    "logs:TagResource",
                ],
                [where.arn("logs", "log-group:*")],
            ),
            allow(
                ["ssm:GetParameter"],
                [where.arn("ssm", "parameter/aws/service/ecs/optimized-ami/*", number="")],
            ),
            allow(
                ["ec2:RequestSpotFleet"],
                [
                    *[
                        where.arn("ec2", f"{kind}/*")
                        for kind in (
                            "spot-fleet-request",
                            "key-pair",
                            "launch-template",
                            "placement-group",
                            "security-group",
                            "subnet",
                        )
                    ],
                    *[where.arn("ec2", f"{kind}/*", number="") for kind in ("image", "snapshot")],
                ],
            ),
            allow(["iam:GetInstanceProfile"], [where.instance_profile(account.INSTANCE)]),
            allow(["ec2:CreateTags"], [where.arn("ec2", "spot-fleet-request/*")]),
            allow(
                ["iam:GetRole"],
                [where.role(name) for name in (account.FLEET, account.INSTANCE, account.TASK)],
            ),
            allow(
                ["iam:PassRole"],
                [
                    where.role(name)
                    for name in (account.FLEET, account.INSTANCE, account.TASK, account.SCHEDULER)
                ],
                {
                    "StringEquals": {
                        "iam:PassedToService": [
                            "spotfleet.amazonaws.com",
                            "ec2.amazonaws.com",
                            "ecs-tasks.amazonaws.com",
                            "scheduler.amazonaws.com",
                        ]
                    }
                },
            ),
            allow(["scheduler:CreateSchedule"], [where.arn("scheduler", f"schedule/{account.NAME}/*")]),
            allow(["lambda:GetFunction"], [where.function]),
            allow(["cloudwatch:PutDashboard"], [where.arn("cloudwatch", "dashboard/*", region="")]),
            allow(["sns:Publish", "sns:ListSubscriptionsByTopic"], [where.topic]),
        ]
    )
