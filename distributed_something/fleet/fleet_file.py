"""Reads and validates the user's fleet file. fleet_request.py turns it into the request."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Iterator

from ..errors import UserError
from ..json_file import load_json

# Placeholders in the classic fleet files, to be filled in by the user: XXXX, sg-XXXX, subnet-XXXXXXXX, AKI...
_PLACEHOLDER = re.compile(r"X{4,}|x{8,}")
_LISTS = ("NetworkInterfaces", "BlockDeviceMappings", "SecurityGroups", "TagSpecifications", "Overrides")
_TEXTS = ("ImageId", "SubnetId", "UserData", "KeyName", "IamFleetRole", "AllocationStrategy")
_STYLES = ("LaunchSpecifications", "LaunchTemplateConfigs")


def load_fleet(path: Path) -> dict[str, Any]:
    """The fleet file without its comments. Raises UserError if it is not valid."""
    raw = load_json(path, "fleet file")
    if not isinstance(raw, dict):
        raise UserError(f"{path}: a fleet file is one JSON object, {{...}}")
    fleet: dict[str, Any] = _without_comments(raw)
    _refuse_placeholders(path, fleet)
    given = [style for style in _STYLES if fleet.get(style)]
    fleet = {key: value for key, value in fleet.items() if key in given or key not in _STYLES}
    if not given:
        raise UserError(
            f"{path}: neither LaunchSpecifications nor LaunchTemplateConfigs is there; write at least "
            '"LaunchSpecifications": [{}]'
        )
    if len(given) == 2:
        raise UserError(f"{path}: LaunchSpecifications and LaunchTemplateConfigs exclude each other")
    _refuse_wrong_shapes(path, fleet, given[0])
    return fleet


def _refuse_wrong_shapes(path: Path, fleet: dict[str, Any], style: str) -> None:
    entries = fleet[style]
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise UserError(f"{path}: {style} is a list of objects, [{{...}}]")
    if fleet.get("Type", "maintain") != "maintain":
        raise UserError(f"{path}: Type must be 'maintain': no other fleet can be scaled down later")
    _refuse_wrong_kinds(f"{path}: ", fleet)
    for at, spec in enumerate(entries):
        where = f"{path}: {style}[{at}]"
        _refuse_wrong_kinds(f"{where}: ", spec)
        interfaces = spec.get("NetworkInterfaces")
        if interfaces and (spec.get("SubnetId") or spec.get("SecurityGroups")):
            raise UserError(
                f"{where}: with NetworkInterfaces, SubnetId and SecurityGroups stand inside them "
                "(SubnetId, Groups), not beside them"
            )
        profile = spec.get("IamInstanceProfile")
        if profile is not None and not (
            isinstance(profile, dict) and (profile.get("Arn") or profile.get("Name"))
        ):
            raise UserError(f'{where}: IamInstanceProfile is written {{"Arn": "..."}} or {{"Name": "..."}}')
        if ":role/" in str((profile or {}).get("Arn", "")):
            raise UserError(
                f"{where}: IamInstanceProfile names a role; write its instance profile, "
                "arn:aws:iam::ACCOUNT:instance-profile/NAME"
            )


def _refuse_wrong_kinds(where: str, entry: dict[str, Any]) -> None:
    """Refuse values of the wrong type, of the keys that we use; EC2 checks the rest."""
    for key, value in entry.items():
        if key in _LISTS and not (isinstance(value, list) and all(isinstance(one, dict) for one in value)):
            raise UserError(f"{where}{key} is a list of objects, [{{...}}]")
        if key in _TEXTS and not isinstance(value, str):
            raise UserError(f"{where}{key} is text, in quotes")
        if key == "NetworkInterfaces" and not value:
            raise UserError(f"{where}{key} is empty; leave it out for the default network")
    for mapping in entry.get("BlockDeviceMappings", []):
        if not isinstance(mapping.get("Ebs", {}), dict):
            raise UserError(f"{where}BlockDeviceMappings: Ebs is an object, {{...}}")


def _refuse_placeholders(path: Path, fleet: dict[str, Any]) -> None:
    left = [(key, value) for key, value in _texts(fleet, "") if _PLACEHOLDER.search(value)]
    if left:
        lines = "\n".join(f"{path}: {key} is still the example's {value!r}" for key, value in left)
        raise UserError(f"{lines}\nWrite your account's own values, or leave the keys out")


def _texts(value: object, key: str) -> Iterator[tuple[str, str]]:
    """Every text in the document, with its path of keys."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _texts(inner, f"{key}[{at}]")


def _without_comments(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_comments(inner) for name, inner in value.items() if "_comment" not in name}
    if isinstance(value, list):
        items: list[Any] = [_without_comments(inner) for inner in value]
        return items
    return value
