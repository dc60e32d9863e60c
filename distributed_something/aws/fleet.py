"""The EC2 Spot Fleet: requested, watched, resized, cancelled; and its history in plain words.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-spot-fleets.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Iterator, cast

from ..errors import AwsRefusal
from .session import APP_TAG, Aws, error_code

if TYPE_CHECKING:
    from types_boto3_ec2.literals import EventTypeType
    from types_boto3_ec2.type_defs import (
        DescribeSpotFleetRequestHistoryRequestTypeDef,
        EventInformationTypeDef,
        SpotFleetRequestConfigDataTypeDef,
        SpotFleetRequestConfigTypeDef,
    )

# The states in which a fleet has machines or may get some.
LIVE_STATES = ("submitted", "active", "modifying", "cancelled_running")
_UNKNOWN = {
    "InvalidSpotFleetRequestId.NotFound",
    "InvalidSpotFleetRequestId.Malformed",
    "InvalidSpotFleetRequestId",
}
# An error event's sub type -> what it means and what to do.
_MENDS = {
    "iamFleetRoleInvalid": (
        "the role IamFleetRole of the fleet file does not exist or may not make machines; it must trust "
        "spotfleet.amazonaws.com and carry AmazonEC2SpotFleetTaggingRole"
    ),
    "allLaunchSpecsTemporarilyBlacklisted": (
        "EC2 could start none of the machine types for now; see the reason, add machine types or "
        "subnets, or raise MACHINE_PRICE"
    ),
    "spotInstanceCountLimitExceeded": (
        "the account's limit of spot machines is reached; ask for a higher quota (All Standard Spot "
        "Instance Requests) or lower CLUSTER_MACHINES"
    ),
    "spotFleetRequestConfigurationInvalid": (
        "something in the fleet file does not fit the account: most often IamInstanceProfile, KeyName, "
        "SubnetId, Groups or the image"
    ),
}


@dataclass(frozen=True)
class Fleet:
    """One spot fleet request. Capacities are numbers of machines."""

    id: str
    state: str
    activity: str
    target: int
    fulfilled: int
    app_name: str

    @property
    def live(self) -> bool:
        return self.state in LIVE_STATES


def request(aws: Aws, config: dict[str, Any]) -> str:
    """Request the fleet of this SpotFleetRequestConfig. The same ClientToken returns the same fleet."""
    checked_by_ec2 = cast("SpotFleetRequestConfigDataTypeDef", config)  # the user's fleet file is in it
    answer = aws.ec2.request_spot_fleet(SpotFleetRequestConfig=checked_by_ec2)
    return str(answer["SpotFleetRequestId"])


def find(aws: Aws, fleet_id: str) -> Fleet | None:
    """The fleet, or None if AWS no longer has it."""
    try:
        answer = aws.ec2.describe_spot_fleet_requests(SpotFleetRequestIds=[fleet_id])
    except aws.ec2.exceptions.ClientError as error:
        if error_code(error) in _UNKNOWN:
            return None
        raise
    return next(map(_fleet, answer["SpotFleetRequestConfigs"]), None)


def find_live(aws: Aws, app_name: str) -> list[Fleet]:
    """Every fleet tagged with the app's name that has machines or may start some."""
    pages = aws.ec2.get_paginator("describe_spot_fleet_requests").paginate()
    fleets = [_fleet(entry) for page in pages for entry in page["SpotFleetRequestConfigs"]]
    return [fleet for fleet in fleets if fleet.live and fleet.app_name == app_name]


def instance_ids(aws: Aws, fleet_id: str) -> list[str]:
    """The ids of the fleet's running machines."""
    pages = aws.ec2.get_paginator("describe_spot_fleet_instances").paginate(SpotFleetRequestId=fleet_id)
    try:
        return [one["InstanceId"] for page in pages for one in page.get("ActiveInstances", [])]
    except aws.ec2.exceptions.ClientError as error:
        if error_code(error) in _UNKNOWN:
            return []
        raise


def resize(aws: Aws, fleet_id: str, target: int) -> None:
    """Set how many machines the fleet maintains; running ones are left alone."""
    aws.ec2.modify_spot_fleet_request(
        SpotFleetRequestId=fleet_id,
        TargetCapacity=target,
        ExcessCapacityTerminationPolicy="noTermination",
    )


def cancel(aws: Aws, fleet_id: str) -> bool:
    """Cancel the fleet and terminate its machines. Returns False if AWS no longer has it.

    Raises AwsRefusal if EC2 lists it as unsuccessful, which it does with HTTP 200.
    """
    try:
        answer = aws.ec2.cancel_spot_fleet_requests(SpotFleetRequestIds=[fleet_id], TerminateInstances=True)
    except aws.ec2.exceptions.ClientError as error:
        if error_code(error) in _UNKNOWN:
            return False
        raise
    for failed in answer.get("UnsuccessfulFleetRequests", []):
        reason = failed.get("Error", {})
        if reason.get("Code") == "fleetRequestIdDoesNotExist":
            return False
        if reason.get("Code") != "fleetRequestNotInCancellableState":
            raise AwsRefusal(f"EC2 did not cancel the fleet {fleet_id}: {reason.get('Message')}")
    return True


def fleet_errors(aws: Aws, fleet_id: str, since: float) -> list[str]:
    """The errors of the fleet's history, each once, in plain words, followed by AWS's reason.

    The history is up to 30 seconds late, no field of an event is guaranteed, and boto3 has no paginator.
    """
    found: dict[str, None] = {}
    for _, event in _history(aws, fleet_id, "error", since):
        kind = event.get("EventSubType", "unknown")
        reason = _reason(event.get("EventDescription", ""))
        words = _MENDS.get(kind, kind)
        found[f"{words} (AWS says: {reason})" if reason else words] = None
    return list(found)


def instance_spans(aws: Aws, fleet_id: str, since: float) -> dict[str, tuple[float, float | None]]:
    """{machine: (launched, ended or None)}, in seconds since 1970; AWS keeps the history for 48 hours."""
    spans: dict[str, tuple[float, float | None]] = {}
    for when, event in _history(aws, fleet_id, "instanceChange", since):
        machine, kind = event.get("InstanceId", ""), event.get("EventSubType", "")
        if kind == "launched":
            spans[machine] = (when, None)
        elif kind in ("terminated", "termination_notified") and machine in spans:
            spans[machine] = (spans[machine][0], when)
    return spans


def _history(
    aws: Aws, fleet_id: str, kind: EventTypeType, since: float
) -> Iterator[tuple[float, EventInformationTypeDef]]:
    """(time, event) of each event of this kind; nothing if AWS no longer has the fleet."""
    wanted: DescribeSpotFleetRequestHistoryRequestTypeDef = {
        "SpotFleetRequestId": fleet_id,
        "EventType": kind,
        "StartTime": datetime.fromtimestamp(since, timezone.utc),
    }
    while True:
        try:
            page = aws.ec2.describe_spot_fleet_request_history(**wanted)
        except aws.ec2.exceptions.ClientError as error:
            if error_code(error) in _UNKNOWN:
                return
            raise
        for record in page.get("HistoryRecords", []):
            yield record["Timestamp"].timestamp(), record.get("EventInformation", {})
        if not page.get("NextToken"):
            return
        wanted["NextToken"] = page["NextToken"]


def _fleet(entry: SpotFleetRequestConfigTypeDef) -> Fleet:
    config = entry["SpotFleetRequestConfig"]
    tags = {tag["Key"]: tag["Value"] for tag in entry.get("Tags", [])}
    return Fleet(
        id=entry["SpotFleetRequestId"],
        state=entry["SpotFleetRequestState"],
        activity=entry.get("ActivityStatus", ""),
        target=int(config.get("TargetCapacity", 0)),
        fulfilled=int(config.get("FulfilledCapacity", 0)),
        app_name=tags.get(APP_TAG, ""),
    )


def _reason(description: str) -> str:
    """The description's message, which is sometimes wrapped in JSON."""
    try:
        parsed = json.loads(description)
    except ValueError:
        return description
    return str(parsed.get("message", description)) if isinstance(parsed, dict) else description
