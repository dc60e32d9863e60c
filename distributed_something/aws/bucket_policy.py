"""The statements that let CloudWatch Logs export into the run's bucket: merged into its policy, and removed.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3ExportTasks.html
"""

from __future__ import annotations

import json
from typing import Any

from ..errors import UserError
from .session import Aws, error_code

# The longest bucket policy that S3 accepts, in bytes.
SIZE_LIMIT = 20 * 1024
_SID = "DistributedSomethingLogs"


def statements(bucket_arn: str, account: str, region: str, partition: str) -> list[dict[str, Any]]:
    """The statements for the exports of one region. A Sid may have only letters and digits."""
    service = {"Service": f"logs.{region}.amazonaws.com"}
    condition = {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:{partition}:logs:{region}:{account}:log-group:*"},
    }
    sid = _SID + "".join(part.capitalize() for part in region.split("-"))
    return [
        {
            "Sid": sid + "Acl",
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:GetBucketAcl",
            "Resource": bucket_arn,
            "Condition": condition,
        },
        {
            "Sid": sid + "Put",
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:PutObject",
            "Resource": bucket_arn + "/*",
            "Condition": {
                **condition,
                "StringEquals": {
                    "aws:SourceAccount": account,
                    "s3:x-amz-acl": "bucket-owner-full-control",
                },
            },
        },
    ]


def merged(policy: str | None, wanted: list[dict[str, Any]], bucket: str) -> str | None:
    """The policy with these statements added, or None if it has them already.

    Raises UserError, without a change, if the policy cannot be read or would become too long.
    """
    there = _parsed(policy, bucket)
    if all(one in there["Statement"] for one in wanted):
        return None
    sids = {one["Sid"] for one in wanted}
    kept = [one for one in there["Statement"] if one.get("Sid") not in sids]
    made = json.dumps({**there, "Statement": kept + wanted})
    if len(made.encode("utf-8")) > SIZE_LIMIT:
        raise UserError(
            f"The policy of the bucket {bucket} would have {len(made):,} bytes with the permission for log "
            f"exports; S3 takes {SIZE_LIMIT:,}. It was left as it is: shorten it, or do without exported logs"
        )
    return made


def without_ours(policy: str | None, bucket: str) -> str | None:
    """The policy without our statements; '' if nothing else is left, None if it has none of them."""
    if policy is None:
        return None
    there = _parsed(policy, bucket)
    kept = [one for one in there["Statement"] if not str(one.get("Sid", "")).startswith(_SID)]
    if len(kept) == len(there["Statement"]):
        return None
    return json.dumps({**there, "Statement": kept}) if kept else ""


def compare(aws: Aws, bucket: str, wanted: list[dict[str, Any]]) -> str:
    """What ``ensure`` would do: "unchanged", "updated" or "made"."""
    policy = _policy(aws, bucket)
    if merged(policy, wanted, bucket) is None:
        return "unchanged"
    return "made" if policy is None else "updated"


def ensure(aws: Aws, bucket: str, wanted: list[dict[str, Any]]) -> str:
    """Allow exports into the bucket. Returns what was done. Raises UserError if the bucket does not exist."""
    policy = _policy(aws, bucket)
    made = merged(policy, wanted, bucket)
    if made is None:
        return "unchanged"
    aws.s3.put_bucket_policy(Bucket=bucket, Policy=made)
    return "made" if policy is None else "updated"


def remove(aws: Aws, bucket: str) -> bool:
    """Remove our statements. Returns False if there were none."""
    left = without_ours(_policy(aws, bucket), bucket)
    if left is None:
        return False
    if left:
        aws.s3.put_bucket_policy(Bucket=bucket, Policy=left)
    else:
        aws.s3.delete_bucket_policy(Bucket=bucket)
    return True


def _policy(aws: Aws, bucket: str) -> str | None:
    try:
        return str(aws.s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except aws.s3.exceptions.ClientError as error:
        if error_code(error) == "NoSuchBucketPolicy":
            return None
        if error_code(error) == "NoSuchBucket":
            raise UserError(
                f"There is no bucket {bucket}: make it (aws s3 mb s3://{bucket}), or write the right name "
                "into AWS_BUCKET of config.py"
            ) from None
        raise


def _parsed(policy: str | None, bucket: str) -> dict[str, Any]:
    if policy is None:
        return {"Version": "2012-10-17", "Statement": []}
    try:
        there = json.loads(policy)
        found = there["Statement"]
        there["Statement"] = [found] if isinstance(found, dict) else list(found)
        if not all(isinstance(one, dict) for one in there["Statement"]):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise UserError(
            f"The policy of the bucket {bucket} cannot be read as one; it was left as it is. Without the "
            "permission for log exports, logs stay in CloudWatch"
        ) from None
    return dict(there)
