"""Checks that the subnets, security groups and images of the fleet request exist and fit together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Sequence

from ..aws import ami, vpc
from ..aws.instance_types import InstanceType
from ..aws.session import Aws
from ..aws.vpc import SecurityGroup, Subnet
from .finding import Finding


@dataclass(frozen=True)
class _Placement:
    """The network of a fleet request.

    ``places``: (subnet or '', security groups) of each specification. ``subnets``, ``groups``: the named
    ones; None for one that does not exist.
    """

    region: str
    places: Sequence[tuple[str, tuple[str, ...]]]
    subnets: Mapping[str, Subnet | None]
    groups: Mapping[str, SecurityGroup | None]


def findings(
    aws: Aws, request: dict[str, Any], types: Sequence[InstanceType], machines: int
) -> Iterator[Finding]:
    """``machines``: how many the fleet of this SpotFleetRequestConfig is to have."""
    specs = request.get("LaunchSpecifications") or []
    placement = _placement(aws, specs)
    yield from _missing_subnets(placement)
    yield from _missing_groups(placement)
    yield from _groups_of_other_networks(placement)
    yield from _too_few_addresses(placement, machines)
    yield from _no_network(placement)
    yield from _images_of_other_architectures(aws, specs, types)


def _placement(aws: Aws, specs: Sequence[dict[str, Any]]) -> _Placement:
    places = list(dict.fromkeys(map(_place, specs)))
    return _Placement(
        aws.region,
        places,
        vpc.find_subnets(aws, sorted({subnet for subnet, _ in places if subnet})),
        vpc.find_security_groups(aws, sorted({group for _, some in places for group in some})),
    )


def _place(spec: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Subnet and security groups of a launch specification."""
    interface = (spec.get("NetworkInterfaces") or [{}])[0]
    groups = [one["GroupId"] for one in spec.get("SecurityGroups", []) if "GroupId" in one]
    return spec.get("SubnetId") or interface.get("SubnetId", ""), (*groups, *interface.get("Groups", []))


def _missing_subnets(placement: _Placement) -> Iterator[Finding]:
    for name, subnet in placement.subnets.items():
        if subnet is None:
            yield Finding(
                f"There is no subnet {name} in {placement.region}",
                "Leave SubnetId out of the fleet file to get the default network, or name one that there is",
            )


def _missing_groups(placement: _Placement) -> Iterator[Finding]:
    for name, group in placement.groups.items():
        if group is None:
            yield Finding(
                f"There is no security group {name} in {placement.region}",
                "Leave it out of the fleet file to get the default one, or name one that there is",
            )


def _groups_of_other_networks(placement: _Placement) -> Iterator[Finding]:
    for subnet_id, group_ids in placement.places:
        subnet = placement.subnets.get(subnet_id)
        for group_id in group_ids:
            group = placement.groups.get(group_id)
            if subnet and group and subnet.vpc != group.vpc:
                yield Finding(
                    f"The subnet {subnet_id} belongs to {subnet.vpc}, and the security group {group_id} to "
                    f"{group.vpc}",
                    "Take both from one network",
                )


def _too_few_addresses(placement: _Placement, machines: int) -> Iterator[Finding]:
    known = [subnet for subnet in placement.subnets.values() if subnet]
    free = sum(subnet.free for subnet in known)
    if known and len(known) == len(placement.subnets) and free < machines:
        yield Finding(
            f"The subnets have {free:,} free addresses, and CLUSTER_MACHINES is {machines:,}",
            "Name more or larger subnets, or lower CLUSTER_MACHINES",
        )


def _no_network(placement: _Placement) -> Iterator[Finding]:
    if placement.places and not any(subnet for subnet, _ in placement.places):
        yield Finding(
            f"There is no default network in {placement.region}, and the fleet file names no subnet",
            "Name a SubnetId in the fleet file, or make the network again (aws ec2 create-default-vpc)",
        )


def _images_of_other_architectures(
    aws: Aws, specs: Sequence[dict[str, Any]], types: Sequence[InstanceType]
) -> Iterator[Finding]:
    wanted = {one.name: one.architecture for one in types}
    pairs = dict.fromkeys((spec["ImageId"], spec["InstanceType"]) for spec in specs)
    known = {image_id: ami.ami_architecture(aws, image_id) for image_id, _ in pairs}
    for image_id, instance_type in pairs:
        if wanted.get(instance_type) and known[image_id] != wanted[instance_type]:
            yield Finding(
                f"The image {image_id} is for {known[image_id]}, {instance_type} is {wanted[instance_type]}",
                "Leave ImageId out of the fleet file to get the newest ECS image for each machine type",
            )
