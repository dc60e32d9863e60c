"""The machine image (AMI): the newest ECS-optimized Amazon Linux 2023, and the volume it boots from.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterable, cast

from ..errors import UserError
from .session import Aws, error_code

if TYPE_CHECKING:
    from types_boto3_ec2.literals import InstanceTypeType
    from types_boto3_ec2.type_defs import ImageTypeDef, InstanceTypeInfoTypeDef

_PARAMETER = "/aws/service/ecs/optimized-ami/amazon-linux-2023/{variant}recommended/image_id"
# Images of Amazon Linux 1 keep containers on a second volume, which is then the one to size.
CLASSIC_DATA_DEVICE = "/dev/xvdcz"


@dataclass(frozen=True)
class Volume:
    """The volume that holds the containers: its device, and its minimum size in GB."""

    device: str
    least_size: int


def ami_variants(aws: Aws, machine_types: Iterable[str]) -> dict[str, str]:
    """The image variant of each machine type: '' (x86), 'arm64/' or 'gpu/'."""
    wanted = cast("list[InstanceTypeType]", list(machine_types))
    try:
        pages = aws.ec2.get_paginator("describe_instance_types").paginate(InstanceTypes=wanted)
        described = [one for page in pages for one in page["InstanceTypes"]]
    except aws.ec2.exceptions.ClientError as error:
        if error_code(error) != "InvalidInstanceType":
            raise
        raise UserError(
            f"MACHINE_TYPE of config.py: {error.response['Error']['Message']} (in {aws.region})"
        ) from None
    return {one["InstanceType"]: _variant(one) for one in described}


def _variant(described: InstanceTypeInfoTypeDef) -> str:
    if "arm64" in described["ProcessorInfo"]["SupportedArchitectures"]:
        return "arm64/"
    makers = [gpu.get("Manufacturer") for gpu in described.get("GpuInfo", {}).get("Gpus", [])]
    return "gpu/" if "NVIDIA" in makers else ""


def newest_ami(aws: Aws, variant: str) -> str:
    """The id of the newest ECS image of this variant in the region."""
    name = _PARAMETER.format(variant=variant)
    return str(aws.ssm.get_parameter(Name=name)["Parameter"]["Value"])


def ami_architecture(aws: Aws, image_id: str) -> str:
    """x86_64 or arm64. Raises UserError if the image does not exist."""
    return str(_described(aws, image_id).get("Architecture", ""))


def data_volume(aws: Aws, image_id: str) -> Volume:
    """The volume that EBS_VOL_SIZE applies to. Raises UserError if the image does not exist."""
    described = _described(aws, image_id)
    sizes = {
        mapping["DeviceName"]: int(mapping["Ebs"].get("VolumeSize", 0))
        for mapping in described.get("BlockDeviceMappings", [])
        if "Ebs" in mapping
    }
    device = described.get("RootDeviceName", "/dev/xvda")
    if CLASSIC_DATA_DEVICE in sizes:
        device = CLASSIC_DATA_DEVICE
    return Volume(device, sizes.get(device, 0))


def _described(aws: Aws, image_id: str) -> ImageTypeDef:
    try:
        images = aws.ec2.describe_images(ImageIds=[image_id])["Images"]
    except aws.ec2.exceptions.ClientError as error:
        if not error_code(error).startswith("InvalidAMIID"):
            raise
        images = []
    if not images:
        raise UserError(
            f"The image {image_id} does not exist in {aws.region}, or is not shared with you. Leave "
            "ImageId out of the fleet file to get the newest ECS image"
        )
    return images[0]
