"""Small objects in the run's bucket: the monitor file's copy, the monitor's memory, the summary."""

from __future__ import annotations

from typing import Iterator

from .session import Aws, error_code, is_denied

_MISSING = {"NoSuchKey", "404", "NoSuchBucket"}


def put_text(aws: Aws, bucket: str, key: str, text: str, kind: str = "application/json") -> None:
    aws.s3.put_object(Bucket=bucket, Key=key, Body=text.encode("utf-8"), ContentType=kind)


def create_text(aws: Aws, bucket: str, key: str, text: str) -> bool:
    """Write the object unless it exists. Returns True for exactly one of several callers."""
    parameters = aws.s3.meta.service_model.operation_model("PutObject").input_shape
    if parameters is None or "IfNoneMatch" not in parameters.members:
        # The last boto3 for Python 3.7 has no conditional writes, so it looks first.
        if get_text(aws, bucket, key) is not None:
            return False
        put_text(aws, bucket, key, text)
        return True
    try:
        aws.s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=text.encode("utf-8"),
            ContentType="application/json",
            IfNoneMatch="*",
        )
    except aws.s3.exceptions.ClientError as error:
        if error_code(error) in ("PreconditionFailed", "ConditionalRequestConflict"):
            return False
        raise
    return True


def get_text(aws: Aws, bucket: str, key: str) -> str | None:
    """The object's text, or None if it does not exist."""
    try:
        body = aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except aws.s3.exceptions.ClientError as error:
        if error_code(error) in _MISSING:
            return None
        raise
    return str(body.decode("utf-8"))


def keys(aws: Aws, bucket: str, prefix: str) -> Iterator[tuple[str, float]]:
    """Keys with this prefix and their write times; nothing if the bucket does not exist."""
    try:
        for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                yield entry["Key"], entry["LastModified"].timestamp()
    except aws.s3.exceptions.NoSuchBucket:
        return


def delete(aws: Aws, bucket: str, key: str) -> None:
    """Delete the object; a missing one is not an error."""
    aws.s3.delete_object(Bucket=bucket, Key=key)


def region_of(aws: Aws, bucket: str) -> str | None:
    """The bucket's region; None if it does not exist, '' if the caller has no access."""
    try:
        answer = aws.s3.head_bucket(Bucket=bucket)
    except aws.s3.exceptions.ClientError as error:
        response = error.response
        if error_code(error) in ("404", "NoSuchBucket"):
            return None
        if error_code(error) in ("301", "403"):
            headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
            return str(headers.get("x-amz-bucket-region", "")) if error_code(error) == "301" else ""
        raise
    return str(answer.get("BucketRegion") or aws.region)


def may_write(aws: Aws, bucket: str) -> bool:
    """Whether the caller can put an object: puts one and deletes it again."""
    key = "monitors/.may-write"
    try:
        put_text(aws, bucket, key, "")
        delete(aws, bucket, key)
    except aws.s3.exceptions.ClientError as error:
        if not is_denied(error):
            raise
        return False
    return True


def contains(aws: Aws, bucket: str, prefix: str, exact: bool = False) -> bool:
    """' must be the whole key./' must be the whole key."""
    answer = aws.s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
    found = [entry["Key"] for entry in answer.get("Contents", [])]
    return bool(found) and (not exact or prefix.endswith("/") or found[0] == prefix)
