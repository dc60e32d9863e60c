"""SSM and EC2: the public parameters that name the newest ECS images, and these images.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
"""

from __future__ import annotations

from typing import Any

_PARAMETERS = {
    "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id": "ami-0ec5a120230008664",
    "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id": "ami-0ec5a12023000a64a",
    "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id": "ami-0ec5a12023000900a",
}


def apply() -> None:
    """Add the parameters to GetParameter, and the images they name to DescribeImages."""
    from moto.ec2.models.amis import Ami, AmiBackend
    from moto.ssm.models import Parameter, SimpleSystemManagerBackend

    get_parameter = SimpleSystemManagerBackend.get_parameter
    describe_images = AmiBackend.describe_images

    def get(self: Any, name: str, *arguments: Any, **named: Any) -> Any:
        if name not in _PARAMETERS:
            return get_parameter(self, name, *arguments, **named)
        return Parameter(
            account_id=self.account_id,
            name=name,
            value=_PARAMETERS[name],
            parameter_type="String",
            description="",
            allowed_pattern=None,
            keyid=None,
            last_modified_date=0,
            version=1,
            data_type="text",
        )

    def describe(self: Any, ami_ids: Any = (), *arguments: Any, **named: Any) -> Any:
        for image_id in set(ami_ids) & set(_PARAMETERS.values()) - set(self.amis):
            self.amis[image_id] = Ami(
                self,
                image_id,
                name=image_id,
                owner_id="amazon",
                public=True,
                architecture="arm64" if image_id.endswith("a64a") else "x86_64",
                root_device_name="/dev/xvda",
                root_device_type="ebs",
                region_name=self.region_name,
                snapshot_description="ECS-optimized Amazon Linux 2023",
            )
        return describe_images(self, ami_ids, *arguments, **named)

    SimpleSystemManagerBackend.get_parameter = get
    AmiBackend.describe_images = describe
