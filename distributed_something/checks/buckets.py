"""Checks that the buckets of config.py exist, are in this region, and can be read and written."""

from __future__ import annotations

from typing import Iterator

from ..aws import bucket
from ..aws.session import Aws
from ..config.settings import Settings
from .finding import Finding


def findings(aws: Aws, settings: Settings) -> Iterator[Finding]:
    variables = {
        "AWS_BUCKET": settings.aws_bucket,
        "SOURCE_BUCKET": settings.source_bucket,
        "DESTINATION_BUCKET": settings.destination_bucket,
        "WORKSPACE_BUCKET": settings.workspace_bucket,
    }
    seen = set()
    for variable, name in variables.items():
        if name in seen:
            continue
        seen.add(name)
        region = bucket.region_of(aws, name)
        if region is None:
            yield Finding(
                f"{variable}: there is no bucket {name}",
                f"Make it (aws s3 mb s3://{name}), or write the right name into config.py",
            )
        elif region == "":
            yield Finding(f"{variable}: you may not see the bucket {name}; its containers' role may")
        elif region != aws.region:
            yield Finding(
                f"{variable}: the bucket {name} is in {region}, and machines run in {aws.region}: data that "
                "leaves a region costs money"
            )
    if bucket.region_of(aws, settings.aws_bucket) and not bucket.may_write(aws, settings.aws_bucket):
        yield Finding(
            f"AWS_BUCKET: you may not write to {settings.aws_bucket}",
            "Ask who keeps the account for the policy that setupAWS --print-policy prints",
        )
