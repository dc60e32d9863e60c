"""The network of the machines: subnets, security groups, and the machine types of each zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterable, Sequence

from .session import Aws, error_code

if TYPE_CHECKING:
    from types_boto3_ec2.type_defs import DescribeSubnetsResultTypeDef


@dataclass(frozen=True)
class Subnet:
    """``free``: its available addresses."""

    id: str
    vpc: str
    zone: str
    free: int


@dataclass(frozen=True)
class SecurityGroup:
    """A security group."""

    id: str
    vpc: str


def default_subnets(aws: Aws) -> list[Subnet]:
    """One subnet for each zone of the default network; [] if the account has none."""
    pages = aws.ec2.get_paginator("describe_subnets").paginate(
        Filters=[{"Name": "default-for-az", "Values": ["true"]}]
    )
    return _subnets(pages)


def default_security_group(aws: Aws, vpc: str) -> str | None:
    """The id of the network's security group called 'default'."""
    answer = aws.ec2.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    )
    return next((str(one["GroupId"]) for one in answer["SecurityGroups"]), None)


def find_subnets(aws: Aws, ids: Iterable[str]) -> dict[str, Subnet | None]:
    """{id: subnet}, with None for one that does not exist."""
    found: dict[str, Subnet | None] = {}
    for one in ids:
        try:
            pages = aws.ec2.get_paginator("describe_subnets").paginate(SubnetIds=[one])
            found[one] = next(iter(_subnets(pages)), None)
        except aws.ec2.exceptions.ClientError as error:
            if not error_code(error).startswith("InvalidSubnetID"):
                raise
            found[one] = None
    return found


def find_security_groups(aws: Aws, ids: Iterable[str]) -> dict[str, SecurityGroup | None]:
    """{id: group}, with None for one that does not exist."""
    found: dict[str, SecurityGroup | None] = {}
    for one in ids:
        try:
            answer = aws.ec2.describe_security_groups(GroupIds=[one])["SecurityGroups"]
            found[one] = next((SecurityGroup(one, str(there["VpcId"])) for there in answer), None)
        except aws.ec2.exceptions.ClientError as error:
            if not error_code(error).startswith(("InvalidGroup", "InvalidSecurityGroupID")):
                raise
            found[one] = None
    return found


def key_pair_exists(aws: Aws, name: str) -> bool:
    try:
        return bool(aws.ec2.describe_key_pairs(KeyNames=[name])["KeyPairs"])
    except aws.ec2.exceptions.ClientError as error:
        if error_code(error) != "InvalidKeyPair.NotFound":
            raise
        return False


def offered_types(aws: Aws, machine_types: Sequence[str]) -> set[tuple[str, str]]:
    """The (machine type, zone) pairs that the region offers."""
    pages = aws.ec2.get_paginator("describe_instance_type_offerings").paginate(
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": list(machine_types)}],
    )
    return {(one["InstanceType"], one["Location"]) for page in pages for one in page["InstanceTypeOfferings"]}


def _subnets(pages: Iterable[DescribeSubnetsResultTypeDef]) -> list[Subnet]:
    found = [
        Subnet(one["SubnetId"], one["VpcId"], one["AvailabilityZone"], int(one["AvailableIpAddressCount"]))
        for page in pages
        for one in page["Subnets"]
    ]
    return sorted(found, key=lambda subnet: subnet.zone)
