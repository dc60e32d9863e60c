"""Compares the bid with today's spot prices, and the machines with the quota of spot cores."""

from __future__ import annotations

from decimal import Decimal
from typing import Iterator, Mapping, Sequence

from ..aws.instance_types import InstanceType
from ..config.settings import Settings
from .finding import Finding


def compare_bid(settings: Settings, prices: Mapping[tuple[str, str], float]) -> Iterator[Finding]:
    """``prices``: {(machine type, zone): dollars an hour}. Pure."""
    bid = settings.machine_price
    lowest = {}
    for machine_type in settings.machine_type:
        here = {zone: price for (name, zone), price in prices.items() if name == machine_type}
        if not here:
            yield Finding(f"{machine_type} has no spot price here; maybe this region does not offer it")
            continue
        lowest[machine_type] = min(here.values())
        within = sum(price <= bid for price in here.values())
        if within < len(here):
            yield Finding(
                f"MACHINE_PRICE = ${_dollars(bid)} is enough for {machine_type} in {within} of "
                f"{len(here)} zones: "
                f"its spot price is ${min(here.values()):.4f} to ${max(here.values()):.4f} an hour"
            )
    usable = [price for price in prices.values() if price <= bid]
    if prices and not usable:
        least = min(lowest.values())
        yield Finding(
            f"MACHINE_PRICE = ${_dollars(bid)} is below every spot price of {', '.join(lowest)}, from "
            f"${least:.4f} "
            "an hour",
            f"Raise it to ${least * 1.2:.2f} or more; you pay the spot price, whatever you bid",
        )
    elif usable:
        machines = settings.cluster_machines
        yield Finding(
            f"{machines:,} machines cost about ${min(usable) * machines:,.2f} to "
            f"${max(usable) * machines:,.2f} an hour now, and never more than ${bid * machines:,.2f}"
        )


def compare_quota(settings: Settings, types: Sequence[InstanceType], quota: int) -> Iterator[Finding]:
    """``quota``: the account's quota of spot cores. Pure."""
    standard = [one for one in types if one.is_standard]
    if not standard:
        return
    least = min(one.cores for one in standard)
    if least * settings.cluster_machines > quota:
        yield Finding(
            f"{settings.cluster_machines:,} machines of {least} cores and more need "
            f"{least * settings.cluster_machines:,} spot cores, and the account's quota is {quota:,}",
            f"Lower CLUSTER_MACHINES to {quota // least:,}, or ask for a higher quota (Service Quotas, EC2, "
            "'All Standard Spot Instance Requests')",
        )


def _dollars(price: float) -> str:
    return format(Decimal(str(price)), "f")
