"""Asks AWS for what the fleet request needs; fleet_request.py builds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..aws import ami, vpc
from ..aws.session import Aws
from ..config.settings import Settings
from ..errors import UserError
from . import default_roles
from .fleet_file import load_fleet
from .fleet_request import Network, Surroundings, ami_of, build_request, names_no_network


def plan_request(
    aws: Aws, settings: Settings, path: Path, client_token: str
) -> tuple[dict[str, Any], list[str]]:
    """The SpotFleetRequestConfig, and notes on what was changed in the user's file. Raises UserError."""
    wanted = load_fleet(path)
    if "SSH_KEY_NAME" in settings.unedited():
        raise UserError(
            "SSH_KEY_NAME of config.py is still the example's; write the name of your key pair, or '' "
            "for machines that nobody logs into"
        )
    specs = wanted.get("LaunchSpecifications") or []
    images: dict[str, str] = {}
    if any(not spec.get("ImageId") for spec in specs):
        variants = ami.ami_variants(aws, settings.machine_type)
        newest = {variant: ami.newest_ami(aws, variant) for variant in set(variants.values())}
        images = {one: newest[variants[one]] for one in settings.machine_type}
    booted = {ami_of(spec, one, images) for spec in specs for one in settings.machine_type}
    network, offered = _network(aws, settings) if any(map(names_no_network, specs)) else (Network(), None)
    found = default_roles.find_default_roles(aws)
    around = Surroundings(
        fleet_role=found.fleet,
        instance_profile=found.instance_profile,
        images=images,
        volumes={image_id: ami.data_volume(aws, image_id) for image_id in sorted(booted)},
        client_token=client_token,
        network=network,
        offered=offered,
    )
    return build_request(wanted, settings, around)


def _network(aws: Aws, settings: Settings) -> tuple[Network, frozenset[tuple[str, str]] | None]:
    """The default network, for a fleet file that names none; and the (machine type, zone) pairs on offer."""
    there = vpc.default_subnets(aws)
    if not there:
        return Network(), None
    group = vpc.default_security_group(aws, there[0].vpc) or ""
    offered = frozenset(vpc.offered_types(aws, settings.machine_type))
    return Network({one.id: one.zone for one in there}, group), offered
