"""Instance types: memory, cores, architecture; and the account's quota of spot cores.

https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Sequence, cast

from .session import Aws

if TYPE_CHECKING:
    from types_boto3_ec2.literals import InstanceTypeType
    from types_boto3_service_quotas import ServiceQuotasClient

# 'All Standard Spot Instance Requests': the families A, C, D, H, I, M, R, T and Z together.
STANDARD_SPOT_QUOTA = "L-34B43A08"
_STANDARD = re.compile(r"[acdhimrtz]\d")


@dataclass(frozen=True)
class InstanceType:
    """``memory`` in MiB; ``architecture``: x86_64 or arm64."""

    name: str
    memory: int
    cores: int
    architecture: str

    @property
    def is_standard(self) -> bool:
        return bool(_STANDARD.match(self.name))


def describe(aws: Aws, names: Sequence[str]) -> list[InstanceType]:
    """These types, in this order. Raises ClientError if one does not exist."""
    pages = aws.ec2.get_paginator("describe_instance_types").paginate(
        InstanceTypes=cast("Sequence[InstanceTypeType]", list(names))
    )
    found: dict[str, InstanceType] = {
        one["InstanceType"]: InstanceType(
            one["InstanceType"],
            int(one["MemoryInfo"]["SizeInMiB"]),
            int(one["VCpuInfo"]["DefaultVCpus"]),
            "arm64" if "arm64" in one["ProcessorInfo"]["SupportedArchitectures"] else "x86_64",
        )
        for page in pages
        for one in page["InstanceTypes"]
    }
    return [found[name] for name in names if name in found]


def spot_vcpu_quota(aws: Aws) -> int:
    """The account's quota of cores in standard spot machines."""
    quotas: ServiceQuotasClient = aws.client("service-quotas")
    answer = quotas.get_service_quota(ServiceCode="ec2", QuotaCode=STANDARD_SPOT_QUOTA)
    return int(answer["Quota"]["Value"])
