"""EC2 Spot Fleet as on AWS: idempotent requests, history, replacement; cancelled fleets stay visible.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-spot-fleets.html
A fleet whose instance profile is called ``missing-profile`` gets no machines and an error in its history, as
on AWS when a profile does not exist; rehearsals and tests use it.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

MISSING_PROFILE = "missing-profile"
_PAGE = 1000


def apply() -> None:
    """Replace moto's operations by these, in EC2's responses."""
    from moto.ec2.responses.spot_fleets import SpotFleets

    for operation in (
        _request_spot_fleet(SpotFleets.request_spot_fleet),
        describe_spot_fleet_requests,
        describe_spot_fleet_instances,
        describe_spot_fleet_request_history,
        modify_spot_fleet_request,
        cancel_spot_fleet_requests,
    ):
        setattr(SpotFleets, operation.__name__, operation)


def _request_spot_fleet(original: Any) -> Any:
    def request_spot_fleet(self: Any) -> Any:
        """The same ClientToken returns the same fleet."""
        from moto.core.responses import ActionResult

        config = self._get_param("SpotFleetRequestConfig", {})
        fleets = self.ec2_backend.spot_fleet_requests
        token = config.get("ClientToken")
        for fleet in fleets.values():
            if token and getattr(fleet, "client_token", None) == token:
                return ActionResult({"SpotFleetRequestId": fleet.id})
        known = set(fleets)
        usable = MISSING_PROFILE not in str(config.get("LaunchSpecifications"))
        if not usable:
            wanted, config["TargetCapacity"] = config["TargetCapacity"], 0
        answer = original(self)
        fleet = next(one for one in fleets.values() if one.id not in known)
        fleet.client_token = token
        fleet.history = []
        fleet.usable = usable
        if usable:
            _record(fleet, "fleetRequestChange", "active")
            for request in fleet.spot_requests:
                _record(fleet, "instanceChange", "launched", instance=request.instance.id)
        else:
            fleet.target_capacity = int(wanted)
            _record(
                fleet,
                "error",
                "spotFleetRequestConfigurationInvalid",
                description='{"message": "Value (missing-profile) for iamInstanceProfile is invalid"}',
            )
        return answer

    return request_spot_fleet


def describe_spot_fleet_requests(self: Any) -> Any:
    from moto.core.responses import ActionResult

    wanted = self._get_param("SpotFleetRequestIds", [])
    fleets = [_known(self, one) for one in wanted] or self.ec2_backend.spot_fleet_requests.values()
    for fleet in fleets:
        _maintain(fleet)
    return ActionResult({"SpotFleetRequestConfigs": list(fleets)})


def describe_spot_fleet_instances(self: Any) -> Any:
    from moto.core.responses import ActionResult

    fleet = _known(self, self._get_param("SpotFleetRequestId"))
    _maintain(fleet)
    active = [
        {
            "InstanceId": request.instance.id,
            "SpotInstanceRequestId": request.id,
            "InstanceType": request.instance.instance_type,
        }
        for request in fleet.spot_requests
    ]
    return ActionResult({"SpotFleetRequestId": fleet.id, "ActiveInstances": active})


def describe_spot_fleet_request_history(self: Any) -> Any:
    """StartTime is required; EventType filters; pages are as long as MaxResults."""
    from moto.core.responses import ActionResult

    fleet = _known(self, self._get_param("SpotFleetRequestId"))
    kind = self._get_param("EventType")
    since = self._get_param("StartTime")
    if isinstance(since, str):
        since = datetime.fromisoformat(since.replace("Z", "+00:00"))
    begin = int(self._get_param("NextToken") or 0)
    most = int(self._get_param("MaxResults") or _PAGE)
    records = [
        record
        for record in fleet.history
        if (kind is None or record["EventType"] == kind) and record["Timestamp"] >= _aware(since)
    ]
    answer = {
        "SpotFleetRequestId": fleet.id,
        "StartTime": since,
        "LastEvaluatedTime": _now(),
        "HistoryRecords": records[begin : begin + most],
    }
    if begin + most < len(records):
        answer["NextToken"] = str(begin + most)
    return ActionResult(answer)


def modify_spot_fleet_request(self: Any) -> Any:
    from moto.core.responses import ActionResult

    fleet = _known(self, self._get_param("SpotFleetRequestId"))
    fleet.target_capacity = int(self._get_param("TargetCapacity"))
    policy = self._get_param("ExcessCapacityTerminationPolicy") or "default"
    _maintain(fleet)
    if policy.lower() == "default":
        _terminate(fleet, fleet.spot_requests[fleet.target_capacity :])
    return ActionResult({"Return": True})


def cancel_spot_fleet_requests(self: Any) -> Any:
    """A cancelled fleet stays visible; an unknown one is reported with HTTP 200."""
    from moto.core.responses import ActionResult

    terminate = self._get_bool_param("TerminateInstances")
    done, failed = [], []
    for fleet_id in self._get_param("SpotFleetRequestIds", []):
        fleet = self.ec2_backend.spot_fleet_requests.get(fleet_id)
        if fleet is None:
            error = {"Code": "fleetRequestIdDoesNotExist", "Message": "The fleet does not exist"}
            failed.append({"SpotFleetRequestId": fleet_id, "Error": error})
            continue
        before, fleet.state = fleet.state, "cancelled_running"
        if terminate:
            fleet.target_capacity = 0
            _terminate(fleet, fleet.spot_requests)
            fleet.state = "cancelled_terminating"
        _record(fleet, "fleetRequestChange", fleet.state)
        done.append(
            {
                "SpotFleetRequestId": fleet_id,
                "CurrentSpotFleetRequestState": fleet.state,
                "PreviousSpotFleetRequestState": before,
            }
        )
    return ActionResult({"SuccessfulFleetRequests": done, "UnsuccessfulFleetRequests": failed})


def _known(self: Any, fleet_id: str) -> Any:
    from moto.ec2.exceptions import EC2ClientError

    fleet = self.ec2_backend.spot_fleet_requests.get(fleet_id)
    if fleet is None:
        raise EC2ClientError(
            "InvalidSpotFleetRequestId.NotFound", f"The spot fleet request '{fleet_id}' does not exist"
        )
    return fleet


def _maintain(fleet: Any) -> None:
    """Count the running instances; an active fleet replaces the others, up to its target."""
    for request in list(fleet.spot_requests):
        if request.instance.state != "running":
            fleet.spot_requests.remove(request)
            _record(fleet, "instanceChange", "terminated", instance=request.instance.id)
    missing = fleet.target_capacity - len(fleet.spot_requests)
    if fleet.state == "active" and fleet.usable and missing > 0:
        known = set(fleet.spot_requests)
        fleet.create_spot_requests(missing)
        for request in set(fleet.spot_requests) - known:
            _record(fleet, "instanceChange", "launched", instance=request.instance.id)
    fleet.fulfilled_capacity = float(len(fleet.spot_requests))
    fleet.activity_status = "fulfilled" if fleet.usable else "error"


def _terminate(fleet: Any, requests: list[Any]) -> None:
    ids = [request.instance.id for request in requests if request.instance.state == "running"]
    if ids:
        fleet.ec2_backend.terminate_instances(ids)
    _maintain(fleet)


def _record(fleet: Any, kind: str, sub_type: str, instance: str = "", description: str = "") -> None:
    event = {"EventSubType": sub_type}
    if instance:
        event["InstanceId"] = instance
    if description:
        event["EventDescription"] = description
    fleet.history.append({"EventType": kind, "Timestamp": _now(), "EventInformation": event})


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _aware(moment: datetime | None) -> datetime:
    """The time in UTC, with or without a time zone from the parser."""
    if moment is None:
        return datetime.fromtimestamp(0, timezone.utc)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
