"""Current prices of spot machines.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotPriceHistory.html
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Sequence, cast

from .session import Aws

if TYPE_CHECKING:
    from types_boto3_ec2.literals import InstanceTypeType

# Which name is used depends on the account's age.
_LINUX = ["Linux/UNIX", "Linux/UNIX (Amazon VPC)"]


def current_prices(aws: Aws, machine_types: Sequence[str]) -> dict[tuple[str, str], float]:
    """{(machine type, zone): dollars per hour}, without pairs that AWS does not offer."""
    pages = aws.ec2.get_paginator("describe_spot_price_history").paginate(
        InstanceTypes=cast("Sequence[InstanceTypeType]", list(machine_types)),
        ProductDescriptions=_LINUX,
        StartTime=datetime.fromtimestamp(aws.clock.now(), timezone.utc),
    )
    found: dict[tuple[str, str], tuple[datetime, float]] = {}
    for page in pages:
        for one in page["SpotPriceHistory"]:
            place = (one["InstanceType"], one["AvailabilityZone"])
            if place not in found or one["Timestamp"] > found[place][0]:
                found[place] = (one["Timestamp"], float(one["SpotPrice"]))
    return {place: price for place, (_, price) in found.items()}


def usual_price(aws: Aws, machine_types: Sequence[str], bid: float) -> float | None:
    """The mean price, over types and zones, of those within the bid; None if there is none."""
    usable = [price for price in current_prices(aws, machine_types).values() if price <= bid]
    return sum(usable) / len(usable) if usable else None
