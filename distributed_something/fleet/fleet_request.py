"""Builds the SpotFleetRequestConfig from fleet file, settings and AWS's answers. Pure.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotFleetRequestConfigData.html
"""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Mapping

from ..aws.ami import CLASSIC_DATA_DEVICE, Volume
from ..aws.session import tag_list
from ..config.settings import Settings
from ..errors import UserError

# EC2's limit in bytes, before base64.
USER_DATA_LIMIT = 16 * 1024
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/fleet-quotas.html
SPECIFICATIONS_LIMIT = 50
_DEFAULTS = {
    "AllocationStrategy": "priceCapacityOptimized",
    "TerminateInstancesWithExpiration": True,
    "Type": "maintain",
}
# Less than the two minutes of a spot interruption notice.
_CONTAINER_STOP_TIMEOUT = "110s"


@dataclass(frozen=True)
class Network:
    """A network: {subnet: zone}, and the security group of its machines ('': chosen by EC2)."""

    subnets: Mapping[str, str] = field(default_factory=dict)
    group: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What the account and the region contribute.

    ``images``: the image of each machine type, for entries that name none. ``volumes``: for each image, the
    volume that EBS_VOL_SIZE applies to. ``network``: the default network's subnets, for entries that name
    none. ``offered``: the (machine type, zone) pairs that EC2 offers, None if not known.
    """

    fleet_role: str
    instance_profile: str
    images: dict[str, str]
    volumes: dict[str, Volume]
    client_token: str
    network: Network = Network()
    offered: frozenset[tuple[str, str]] | None = None


def build_request(
    fleet: dict[str, Any], settings: Settings, around: Surroundings
) -> tuple[dict[str, Any], list[str]]:
    """The request, and notes on what was changed in the user's file.

    ``fleet``: from load_fleet. Raises UserError for user data that cannot be combined with ours.
    """
    config = {**_DEFAULTS, **copy.deepcopy(fleet)}
    config.setdefault("IamFleetRole", around.fleet_role)
    config["TargetCapacity"] = settings.cluster_machines
    config["SpotPrice"] = format(Decimal(str(settings.machine_price)), "f")
    config["ClientToken"] = around.client_token
    config["TagSpecifications"] = [
        *config.get("TagSpecifications", []),
        {
            "ResourceType": "spot-fleet-request",
            "Tags": tag_list(settings.app_name),
        },
    ]
    notes: list[str] = []
    if config.get("LaunchSpecifications"):
        entries = [_placed(spec, around.network) for spec in config["LaunchSpecifications"]]
        config["LaunchSpecifications"] = [
            _specification(spec, machine_type, settings, around, notes)
            for spec, machine_type in _pairs(_distinct(_each_subnet(entries)), settings, around, notes)
        ]
    else:
        for template in config["LaunchTemplateConfigs"]:
            template["Overrides"] = [
                {**override, "InstanceType": machine_type}
                for override in _distinct(template.get("Overrides") or [{}])
                for machine_type in settings.machine_type
            ]
        notes.append(
            "the launch template itself must bring the image and the user data that joins the cluster:\n"
            + user_data(settings)
        )
    return config, list(dict.fromkeys(notes))


def names_no_network(spec: dict[str, Any]) -> bool:
    """Whether an entry of the fleet file names no network."""
    return not spec.get("SubnetId") and not spec.get("NetworkInterfaces")


def _placed(spec: dict[str, Any], network: Network) -> dict[str, Any]:
    """The entry with every subnet of the default network, unless it names a network itself."""
    if not names_no_network(spec) or not network.subnets:
        return spec
    placed = {**spec, "SubnetId": ",".join(network.subnets)}
    if network.group:
        placed.setdefault("SecurityGroups", [{"GroupId": network.group}])
    return placed


def _pairs(
    entries: list[dict[str, Any]], settings: Settings, around: Surroundings, notes: list[str]
) -> list[tuple[dict[str, Any], str]]:
    """Every entry with every machine type offered in its zone, up to EC2's limit, evenly over the types."""

    def possible(spec: dict[str, Any], machine_type: str) -> bool:
        zone = around.network.subnets.get(spec.get("SubnetId", ""))
        return around.offered is None or zone is None or (machine_type, zone) in around.offered

    pairs = [
        (spec, machine_type)
        for spec in entries
        for machine_type in settings.machine_type
        if possible(spec, machine_type)
    ]
    if len(pairs) > SPECIFICATIONS_LIMIT:
        notes.append(
            f"{len(pairs)} pairs of subnet and machine type are more than the {SPECIFICATIONS_LIMIT} that a "
            "fleet takes; the first ones are used"
        )
    return pairs[:SPECIFICATIONS_LIMIT]


def user_data(settings: Settings) -> str:
    """The script that configures a machine's ECS agent before it starts."""
    attributes = json.dumps({"app": settings.app_name})
    return "\n".join(
        [
            "#!/bin/bash",
            "cat >> /etc/ecs/ecs.config <<'END'",
            f"ECS_CLUSTER={settings.ecs_cluster}",
            f"ECS_INSTANCE_ATTRIBUTES={attributes}",
            "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
            f"ECS_CONTAINER_STOP_TIMEOUT={_CONTAINER_STOP_TIMEOUT}",
            "END",
            "",
        ]
    )


def ami_of(spec: dict[str, Any], machine_type: str, images: dict[str, str]) -> str:
    """The image of a launch specification: its own, or the newest for the machine type."""
    return str(spec.get("ImageId") or images[machine_type])


def _specification(
    spec: dict[str, Any],
    machine_type: str,
    settings: Settings,
    around: Surroundings,
    notes: list[str],
) -> dict[str, Any]:
    made = copy.deepcopy(spec)
    made["InstanceType"] = machine_type
    made["ImageId"] = ami_of(spec, machine_type, around.images)
    made.setdefault("IamInstanceProfile", {"Arn": around.instance_profile})
    key_name = settings.ssh_key_name
    if key_name.endswith(".pem"):
        key_name = key_name[: -len(".pem")]
    if key_name:
        made["KeyName"] = key_name
    made["BlockDeviceMappings"] = _volumes(
        made.get("BlockDeviceMappings", []), around.volumes[made["ImageId"]], settings, notes
    )
    made["UserData"] = _joined_user_data(made.get("UserData", ""), settings)
    made["TagSpecifications"] = [
        *made.get("TagSpecifications", []),
        {
            "ResourceType": "instance",
            "Tags": [
                *tag_list(settings.app_name),
                {"Key": "Name", "Value": settings.app_name + "Worker"},
            ],
        },
    ]
    if not settings.assign_ip:
        _forbid_public_address(made, notes)
    return made


def _volumes(
    mappings: list[dict[str, Any]], volume: Volume, settings: Settings, notes: list[str]
) -> list[dict[str, Any]]:
    """The user's mappings with EBS_VOL_SIZE on the volume that holds the containers."""
    size = max(settings.ebs_vol_size, volume.least_size)
    if size > settings.ebs_vol_size:
        notes.append(
            f"EBS_VOL_SIZE is {settings.ebs_vol_size} GB, but the image needs {size} GB; {size} is taken"
        )
    kept = [
        mapping
        for mapping in mappings
        if mapping.get("DeviceName") not in (volume.device, CLASSIC_DATA_DEVICE)
    ]
    if any(mapping.get("DeviceName") == CLASSIC_DATA_DEVICE != volume.device for mapping in mappings):
        notes.append(
            f"the second volume {CLASSIC_DATA_DEVICE} of the fleet file is left out: today's images "
            f"keep everything on {volume.device}"
        )
    sized: dict[str, Any] = {"DeviceName": volume.device, "Ebs": {"VolumeType": "gp3"}}
    for mapping in mappings:
        if mapping.get("DeviceName") == volume.device:
            sized = copy.deepcopy(mapping)
    sized["Ebs"] = {"DeleteOnTermination": True, **sized.get("Ebs", {}), "VolumeSize": size}
    return [sized, *kept]


def _joined_user_data(given: str, settings: Settings) -> str:
    """Our script followed by that of the fleet file (plain or base64), as base64."""
    script = user_data(settings)
    if given:
        own = _decoded(given)
        if not own.startswith("#!"):
            raise UserError(
                "UserData of the fleet file is no shell script (it must begin with #!/bin/bash), so it "
                "cannot be joined with the lines that bring a machine into the cluster"
            )
        script += own.split("\n", 1)[1] if "\n" in own else ""
    if len(script.encode("utf-8")) > USER_DATA_LIMIT:
        raise UserError(
            f"UserData of the fleet file is too long: EC2 takes {USER_DATA_LIMIT:,} bytes with ours"
        )
    return base64.b64encode(script.encode("utf-8")).decode("ascii")


def _decoded(given: str) -> str:
    if given.startswith("#!"):
        return given
    try:
        return base64.b64decode(given, validate=True).decode("utf-8")
    except ValueError:
        return given


def _forbid_public_address(spec: dict[str, Any], notes: list[str]) -> None:
    """Turn public addresses off: EC2 accepts that only in a network interface with its subnet and groups."""
    if not spec.get("NetworkInterfaces"):
        if not spec.get("SubnetId"):
            notes.append(
                "ASSIGN_IP is 'False', but the fleet file names no subnet: whether the machines get a "
                "public address is the default network's choice"
            )
            return
        interface: dict[str, Any] = {"DeviceIndex": 0, "SubnetId": spec.pop("SubnetId")}
        groups = [group["GroupId"] for group in spec.pop("SecurityGroups", []) if "GroupId" in group]
        if groups:
            interface["Groups"] = groups
        spec["NetworkInterfaces"] = [interface]
    for interface in spec["NetworkInterfaces"]:
        interface["AssociatePublicIpAddress"] = False


def _each_subnet(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry per subnet; SubnetId may list several, separated by commas."""
    return [
        {**entry, "SubnetId": subnet.strip()} if subnet.strip() else entry
        for entry in entries
        for subnet in entry.get("SubnetId", "").split(",")
    ]


def _distinct(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries that differ in more than the machine type, which config.py decides."""
    seen: dict[str, dict[str, Any]] = {}
    for entry in entries:
        rest = {key: value for key, value in entry.items() if key != "InstanceType"}
        seen.setdefault(json.dumps(rest, sort_keys=True), rest)
    return list(seen.values())
