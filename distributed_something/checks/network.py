"""Subnets, security groups and images of the fleet request: are they there, and do they belong together?"""

from __future__ import annotations

from typing import Any, Iterator, Sequence

from ..aws import ami, vpc
from ..aws.instance_types import InstanceType
from ..aws.session import Aws
from .finding import Finding


def findings(
    aws: Aws, request: dict[str, Any], types: Sequence[InstanceType], machines: int
) -> Iterator[Finding]:
    """Of this SpotFleetRequestConfig, whose fleet shall have so many machines."""
    specs = request.get("LaunchSpecifications") or []
    places = [_place(spec) for spec in specs]
    subnets = vpc.find_subnets(aws, sorted({subnet for subnet, _ in places if subnet}))
    groups = vpc.find_security_groups(aws, sorted({group for _, some in places for group in some}))
    for subnet_id, subnet in subnets.items():
        if subnet is None:
            yield Finding(
                f"There is no subnet {subnet_id} in {aws.region}",
                "Leave SubnetId out of the fleet file to get the default network, or name one that there is",
            )
    for group_id, group in groups.items():
        if group is None:
            yield Finding(
                f"There is no security group {group_id} in {aws.region}",
                "Leave it out of the fleet file to get the default one, or name one that there is",
            )
    for subnet_id, group_ids in dict.fromkeys((subnet, tuple(some)) for subnet, some in places):
        subnet = subnets.get(subnet_id)
        for group_id in group_ids:
            group = groups.get(group_id)
            if subnet and group and subnet.vpc != group.vpc:
                yield Finding(
                    f"The subnet {subnet_id} belongs to {subnet.vpc}, and the security group {group_id} to "
                    f"{group.vpc}",
                    "Take both from one network",
                )
    free = sum(subnet.free for subnet in subnets.values() if subnet)
    if subnets and all(subnets.values()) and free < machines:
        yield Finding(
            f"The subnets have {free:,} free addresses, and CLUSTER_MACHINES is {machines:,}",
            "Name more or larger subnets, or lower CLUSTER_MACHINES",
        )
    if specs and not any(subnet for subnet, _ in places):
        yield Finding(
            f"There is no default network in {aws.region}, and the fleet file names no subnet",
            "Name a SubnetId in the fleet file, or make the network again (aws ec2 create-default-vpc)",
        )
    yield from _images(aws, specs, types)


def _place(spec: dict[str, Any]) -> tuple[str, list[str]]:
    """Subnet and security groups of a launch specification."""
    interface = (spec.get("NetworkInterfaces") or [{}])[0]
    groups = [one["GroupId"] for one in spec.get("SecurityGroups", []) if "GroupId" in one]
    return spec.get("SubnetId") or interface.get("SubnetId", ""), groups + list(interface.get("Groups", []))


def _images(aws: Aws, specs: list[dict[str, Any]], types: Sequence[InstanceType]) -> Iterator[Finding]:
    wanted = {one.name: one.architecture for one in types}
    pairs = dict.fromkeys((spec["ImageId"], spec["InstanceType"]) for spec in specs)
    known = {image_id: ami.ami_architecture(aws, image_id) for image_id, _ in pairs}
    for image_id, machine_type in pairs:
        if wanted.get(machine_type) and known[image_id] != wanted[machine_type]:
            yield Finding(
                f"The image {image_id} is for {known[image_id]}, {machine_type} is {wanted[machine_type]}",
                "Leave ImageId out of the fleet file to get the newest ECS image for each machine type",
            )
