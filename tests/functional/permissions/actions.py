"""Calls -> the IAM actions and resources they need; and whether a policy allows them.

What an action is about comes from AWS's service authorization reference, as policy_sentry has it.
"""

import re
from fnmatch import fnmatchcase

from policy_sentry.querying.actions import get_action_data

ACCOUNT, REGION = "123456789012", "us-east-1"

# Operations whose permission has another name:
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html and each service's reference.
_ACTION = {
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}
_SERVICE = {"monitoring": "cloudwatch"}


def needed(service, operation, params):
    """The actions of one call: [(action, {placeholder of an ARN: value})]."""
    service = _SERVICE.get(service, service)
    if (service, operation) == ("sts", "GetCallerIdentity"):
        return []  # needs no permission
    action = f"{service}:{operation}"
    found = [(_ACTION.get(action, action), _names(params))]
    for extra, wanted in _BESIDE.get(action, {}).items():
        if wanted(params):
            found.append((extra, _names(params)))
    return found


def _always(params):
    return True


def _tagged(params):
    return bool(params.get("tags"))


# What AWS asks for beside the operation's own action: {operation: {action: when}}.
_BESIDE = {
    "sqs:CreateQueue": {"sqs:TagQueue": _tagged},
    "ecs:CreateCluster": {"ecs:TagResource": _tagged},
    "ecs:CreateService": {"ecs:TagResource": _tagged},
    "ecs:RegisterTaskDefinition": {
        "ecs:TagResource": _tagged,
        "iam:PassRole": lambda params: "taskRoleArn" in params,
    },
    "logs:CreateLogGroup": {"logs:TagResource": _tagged},
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3ExportTasks.html
    "logs:CreateExportTask": {"s3:GetBucketAcl": _always, "s3:PutObject": _always},
    "ec2:RequestSpotFleet": {"iam:PassRole": _always, "ec2:CreateTags": _always},
    "scheduler:CreateSchedule": {"iam:PassRole": _always},
    # Made when a part of it fails.
    "s3:CreateMultipartUpload": {"s3:AbortMultipartUpload": _always},
}


def unmet(policies, action, names):
    """The resource for which no statement of these documents allows the action; None when it is allowed."""
    service, operation = action.split(":")
    rows = (get_action_data(service, operation) or {}).get(service)
    assert rows, f"AWS knows no action {action}"
    formats = {row["resource_arn_format"] for row in rows}
    patterns = [
        pattern
        for document in policies
        for statement in document["Statement"]
        if any(fnmatchcase(action, one) for one in statement["Action"])
        for pattern in statement["Resource"]
    ]

    def allowed(arn_format):
        arn = _filled(arn_format, names)
        return any(_matches(arn, pattern) for pattern in patterns)

    if any(allowed(one) for one in formats):
        return None
    return _filled(sorted(formats)[-1], names)


def granted(policies):
    """Every action that the documents allow."""
    return {action for one in policies for statement in one["Statement"] for action in statement["Action"]}


def _names(params):
    """What the call's parameters say about the placeholders of ARNs."""
    url = params.get("QueueUrl") or ""
    role = params.get("RoleName") or params.get("taskRoleArn") or params.get("Target", {}).get("RoleArn", "")
    config = params.get("SpotFleetRequestConfig", {})
    return {
        "BucketName": params.get("Bucket") or params.get("destination"),
        "ObjectName": params.get("Key") or (params.get("destinationPrefix") or "") + "/aws-logs-write-test",
        "QueueName": params.get("QueueName") or url.rsplit("/", 1)[-1],
        "RoleName": (role or config.get("IamFleetRole", "")).rsplit("/", 1)[-1],
        "RoleNameWithPath": (role or config.get("IamFleetRole", "")).rsplit("/", 1)[-1],
        "AlarmName": (params.get("AlarmNames") or [params.get("AlarmName") or "any"])[0],
        "GroupName": params.get("GroupName") or params.get("Name"),
        "FunctionName": params.get("FunctionName"),
        "TopicName": (params.get("TopicArn") or "").rsplit(":", 1)[-1],
        "LogGroupName": params.get("logGroupName"),
        "InstanceProfileNameWithPath": params.get("InstanceProfileName"),
        "ServiceCode": params.get("ServiceCode"),
        "QuotaCode": params.get("QuotaCode"),
        "ParameterNameWithoutLeadingSlash": (params.get("Name") or "").lstrip("/"),
    }


def _filled(arn_format, names):
    values = {
        "Partition": "aws",
        "Region": REGION,
        "Account": ""
        if "parameter/aws/" in f"parameter/{names['ParameterNameWithoutLeadingSlash']}"
        else ACCOUNT,
        **{key: value for key, value in names.items() if value},
    }
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found.group(1), "any"), arn_format)


def _matches(arn, pattern):
    """An ARN of the reference may name account or region where the real one is empty, and the reverse."""
    if arn == "*" or pattern == "*":
        return pattern == "*"
    ours, theirs = arn.split(":", 5), pattern.split(":", 5)
    if len(ours) != 6 or len(theirs) != 6:
        return False
    return all(
        fnmatchcase(mine, allowed) or (at in (3, 4) and (not mine or not allowed))
        for at, (mine, allowed) in enumerate(zip(ours, theirs))
    )
