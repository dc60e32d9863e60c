"""The policy documents of the account's roles. Pure; tests compare them with the calls made.

Each policy names its actions and resources. Where AWS has no narrower resource and the operation supports
tags, the policy is narrowed by the tag that every resource of a run has:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, Sequence

from ..aws import account
from ..aws.account import Account
from ..aws.queue import SHARED
from ..aws.session import APP_TAG
from ..config.run_names import INSTANCE_LOG_SUFFIX
from ..config.settings import Settings

# A policy as IAM reads it, or one of its statements.
Document = Dict[str, Any]

# Conditions: has the tag of a run; has the tag of what runs share.
# The resource types that the toolkit's actions of ECS support.
ECS_RESOURCES = ("cluster", "service", "container-instance", "task", "task-definition")

_OF_A_RUN = {"Null": {f"aws:ResourceTag/{APP_TAG}": "false"}}
_SHARED = {"StringEquals": {f"aws:ResourceTag/{APP_TAG}": SHARED}}


def policy_document(statements: Iterable[Document]) -> Document:
    """A policy. Merges statements that differ only in their actions, since IAM limits a policy's length."""
    merged: list[Document] = []
    for one in statements:
        rest = {key: value for key, value in one.items() if key != "Action"}
        same = [
            other
            for other in merged
            if {key: value for key, value in other.items() if key != "Action"} == rest
            and isinstance(one["Action"], list)
        ]
        if same:
            same[0]["Action"] = sorted({*same[0]["Action"], *one["Action"]})
        else:
            merged.append(dict(one))
    return {"Version": "2012-10-17", "Statement": merged}


def allow_in_ecs(where: Account, actions: Sequence[str], condition: Document | None = None) -> Document:
    """These ECS actions, each on the resource types it supports."""
    return allow(actions, [where.arn("ecs", f"{kind}/*") for kind in ECS_RESOURCES], condition)


def allow(actions: Sequence[str], resources: Sequence[str], condition: Document | None = None) -> Document:
    made: Document = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    if condition:
        made["Condition"] = condition
    return made


def trust_policy(service: str, where: Account | None = None) -> Document:
    """Lets this service assume the role, only for this account if the service says for which."""
    statement: Document = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if where:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": where.number}}
    return policy_document([statement])


def task_role_policy(where: Account) -> Document:
    """For a worker's container: queue, log, the machine's name and alarm. Buckets have further policies."""
    return policy_document(
        [
            allow(
                ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
                [where.arn("sqs", "*")],
                _OF_A_RUN,
            ),
            # Without a condition, so that a deleted queue can be told apart from a forbidden one.
            allow(["sqs:GetQueueAttributes"], [where.arn("sqs", "*")]),
            allow(["sqs:SendMessage"], [where.arn("sqs", "*")], _SHARED),
            allow(
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                [where.arn("logs", "log-group:*:log-stream:*")],
            ),
            allow(["cloudwatch:PutMetricAlarm"], [where.arn("cloudwatch", "alarm:*_i-*")]),
            allow(["ec2:DescribeInstances"], ["*"]),
            allow(
                ["ec2:CreateTags"],
                [where.arn("ec2", "instance/*"), where.arn("ec2", "volume/*")],
                {"ForAllValues:StringEquals": {"aws:TagKeys": ["Name"]}},
            ),
            allow(["ecs:UpdateTaskProtection"], [where.arn("ecs", "task/*")]),
        ]
    )


def read_policy(where: Account, bucket: str) -> Document:
    """Lets a worker read a bucket of inputs."""
    return policy_document(
        [
            allow(["s3:ListBucket"], [where.bucket(bucket)]),
            allow(["s3:GetObject"], [where.bucket(f"{bucket}/*")]),
        ]
    )


def write_policy(where: Account, bucket: str, with_acl: bool) -> Document:
    """Lets a worker write to the bucket of results. ``with_acl``: UPLOAD_FLAGS sets an ACL."""
    acl = ["s3:PutObjectAcl"] if with_acl else []
    return policy_document(
        [
            allow(["s3:ListBucket", "s3:ListBucketMultipartUploads"], [where.bucket(bucket)]),
            allow(["s3:PutObject", "s3:AbortMultipartUpload", *acl], [where.bucket(f"{bucket}/*")]),
        ]
    )


def foreign_dead_letter_queue_policy(queue_arn: str) -> Document:
    """For a dead-letter queue that config.py names by its ARN: it does not have our tag."""
    return policy_document([allow(["sqs:SendMessage"], [queue_arn])])


def instance_role_policy(where: Account) -> Document:
    """For the ECS agent of a machine: exactly what AmazonEC2ContainerServiceforEC2Role allows."""
    return policy_document(
        [
            allow(["ecs:DiscoverPollEndpoint", "ec2:DescribeTags", "ecr:GetAuthorizationToken"], ["*"]),
            allow(
                [
                    "ecs:RegisterContainerInstance",
                    "ecs:DeregisterContainerInstance",
                    "ecs:SubmitAttachmentStateChanges",
                    "ecs:SubmitContainerStateChange",
                    "ecs:SubmitTaskStateChange",
                ],
                [where.arn("ecs", "cluster/*")],
            ),
            allow(
                ["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"],
                [where.arn("ecs", "container-instance/*")],
            ),
            allow(
                ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
                [where.arn("ecr", "repository/*", number="*")],
            ),
            allow(
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                [where.arn("logs", f"log-group:*{INSTANCE_LOG_SUFFIX}:log-stream:*")],
            ),
        ]
    )


def fleet_role_policy(where: Account) -> Document:
    """For EC2 Spot Fleet itself: AmazonEC2SpotFleetTaggingRole without load balancers."""
    ours = [
        where.arn("ec2", kind + "/*")
        for kind in (
            "instance",
            "volume",
            "network-interface",
            "subnet",
            "security-group",
            "key-pair",
            "launch-template",
            "placement-group",
            "spot-instances-request",
        )
    ]
    public = [where.arn("ec2", kind + "/*", number="*") for kind in ("image", "snapshot")]
    public += [where.arn("ec2", kind + "/*", number="") for kind in ("image", "snapshot")]
    return policy_document(
        [
            allow(["ec2:DescribeImages", "ec2:DescribeSubnets", "ec2:DescribeInstanceStatus"], ["*"]),
            allow(["ec2:RequestSpotInstances", "ec2:RunInstances"], ours + public),
            allow(
                ["ec2:CreateTags"],
                [where.arn("ec2", f"{kind}/*") for kind in ("instance", "volume", "spot-instances-request")],
            ),
            allow(["ec2:TerminateInstances"], [where.arn("ec2", "instance/*")]),
            allow(
                ["iam:PassRole"],
                [where.role(account.INSTANCE), where.role("ecsInstanceRole")],
                {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            ),
        ]
    )


def scheduler_role_policy(where: Account) -> Document:
    return policy_document([allow(["lambda:InvokeFunction"], [where.function])])


def monitor_role_policy(where: Account) -> Document:
    """For the unattended monitor: watches, resizes and ends runs, sends e-mail and writes its own log."""
    return policy_document(
        [
            *watching_statements(where),
            *teardown_statements(where),
            allow(["sns:Publish"], [where.topic]),
            allow(
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                [where.arn("logs", f"log-group:/aws/lambda/{account.MONITOR}:log-stream:*", where.region)],
            ),
        ]
    )


def run_bucket_policy(where: Account, bucket: str) -> Document:
    """What the monitor may do in AWS_BUCKET: monitor files, and the files written at the end of a run."""
    return policy_document(
        [
            # ListBucket: without it S3 answers 'forbidden' for a file that does not exist.
            allow(["s3:ListBucket"], [where.bucket(bucket)]),
            allow(
                ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [where.bucket(f"{bucket}/monitors/*")]
            ),
            allow(
                ["s3:GetObject", "s3:PutObject"],
                [where.bucket(f"{bucket}/exportedlogs/*"), where.bucket(f"{bucket}/reports/*")],
            ),
            # CreateExportTask tests that the bucket exists and that it can write to it.
            allow(["s3:GetBucketAcl"], [where.bucket(bucket)]),
        ]
    )


def watching_statements(where: Account) -> list[Document]:
    """What watching and resizing a run needs."""
    return [
        allow(
            [
                "ec2:DescribeInstances",
                "ec2:DescribeSpotFleetRequests",
                "ecs:ListTaskDefinitions",
                "logs:DescribeLogGroups",
                "logs:DescribeExportTasks",
            ],
            ["*"],
        ),
        allow(["ec2:DescribeSpotFleetInstances"], [where.arn("ec2", "spot-fleet-request/*")]),
        allow(["cloudwatch:DescribeAlarms"], [where.arn("cloudwatch", "alarm:*")]),
        allow(["sqs:GetQueueAttributes", "sqs:GetQueueUrl"], [where.arn("sqs", "*")]),
        allow_in_ecs(
            where,
            [
                "ecs:DescribeContainerInstances",
                "ecs:DescribeServices",
                "ecs:DescribeTasks",
                "ecs:GetTaskProtection",
                "ecs:ListContainerInstances",
                "ecs:ListTasks",
                "ecs:UpdateContainerInstancesState",
                "ecs:UpdateService",
            ],
        ),
        allow(
            ["ec2:ModifySpotFleetRequest", "ec2:CancelSpotFleetRequests"],
            [where.arn("ec2", "spot-fleet-request/*")],
            _OF_A_RUN,
        ),
        allow(["ec2:TerminateInstances"], [where.arn("ec2", "instance/*")], _OF_A_RUN),
        allow(["cloudwatch:DeleteAlarms"], [where.arn("cloudwatch", "alarm:*_i-*")]),
        allow(["logs:FilterLogEvents"], [where.arn("logs", "log-group:*")]),
    ]


def teardown_statements(where: Account) -> list[Document]:
    """What a teardown needs in addition to watching."""
    return [
        allow(["sqs:DeleteQueue"], [where.arn("sqs", "*")], _OF_A_RUN),
        allow(["sqs:ListQueueTags", "sqs:ListDeadLetterSourceQueues"], [where.arn("sqs", "*")]),
        allow_in_ecs(where, ["ecs:DescribeClusters"]),
        allow_in_ecs(
            where, ["ecs:DeleteCluster", "ecs:DeleteService", "ecs:DeleteTaskDefinitions"], _OF_A_RUN
        ),
        # This action has no resource type.
        allow(["ecs:DeregisterTaskDefinition"], ["*"]),
        allow(["logs:CreateExportTask"], [where.arn("logs", "log-group:*")], _OF_A_RUN),
        allow(["cloudwatch:DeleteDashboards"], [where.arn("cloudwatch", "dashboard/*", region="")]),
        allow(["scheduler:DeleteSchedule"], [where.arn("scheduler", f"schedule/{account.NAME}/*")]),
    ]


def bucket_policies(where: Account, settings: Settings) -> dict[str, Document]:
    """The task role's further policies for this config.py, as {name: document}; other runs add their own."""
    made = {
        f"Read-{bucket}": read_policy(where, bucket)
        for bucket in {settings.source_bucket, settings.workspace_bucket}
    }
    acl = "--acl" in settings.upload_flags or "--grants" in settings.upload_flags
    made[f"Write-{settings.destination_bucket}"] = write_policy(where, settings.destination_bucket, acl)
    if settings.sqs_dead_letter_queue.startswith("arn:"):
        name = settings.sqs_dead_letter_queue.rsplit(":", 1)[1]
        made[f"DeadLetters-{name}"] = foreign_dead_letter_queue_policy(settings.sqs_dead_letter_queue)
    return made
