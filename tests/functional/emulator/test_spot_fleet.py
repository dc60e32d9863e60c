"""The emulated spot fleet behaves as EC2's: asked with real boto3 over HTTP."""

import time

import pytest
from botocore.exceptions import ClientError

from distributed_something.local.moto_extensions.spot_fleet import MISSING_PROFILE
from tests.functional.conftest import client


@pytest.fixture
def ec2(moto):
    return client(moto, "ec2")


def request(ec2, token, capacity=2, **specification):
    config = {
        "TargetCapacity": capacity,
        "SpotPrice": "0.1",
        "AllocationStrategy": "lowestPrice",
        "IamFleetRole": "arn:aws:iam::123456789012:role/fleet",
        "ClientToken": token,
        "LaunchSpecifications": [
            {"ImageId": "ami-0ec5a120230008664", "InstanceType": "m5.large", **specification}
        ],
    }
    return ec2.request_spot_fleet(SpotFleetRequestConfig=config)["SpotFleetRequestId"]


def machines(ec2, fleet):
    found = ec2.describe_spot_fleet_instances(SpotFleetRequestId=fleet)["ActiveInstances"]
    return {one["InstanceId"] for one in found}


def described(ec2, fleet):
    return ec2.describe_spot_fleet_requests(SpotFleetRequestIds=[fleet])["SpotFleetRequestConfigs"][0]


def test_the_same_token_gives_the_same_fleet(ec2, unique):
    first = request(ec2, unique)
    assert request(ec2, unique) == first
    assert request(ec2, unique + "2") != first


def test_a_machine_that_dies_is_replaced_while_the_fleet_is_active(ec2, unique):
    fleet = request(ec2, unique)
    dead = machines(ec2, fleet).pop()
    ec2.terminate_instances(InstanceIds=[dead])
    assert len(machines(ec2, fleet)) == 2
    assert dead not in machines(ec2, fleet)


def test_a_lower_target_keeps_running_machines_if_that_is_asked_for(ec2, unique):
    fleet = request(ec2, unique)
    ec2.modify_spot_fleet_request(
        SpotFleetRequestId=fleet, TargetCapacity=1, ExcessCapacityTerminationPolicy="NoTermination"
    )
    assert len(machines(ec2, fleet)) == 2
    ec2.terminate_instances(InstanceIds=[machines(ec2, fleet).pop()])
    assert len(machines(ec2, fleet)) == 1
    ec2.modify_spot_fleet_request(SpotFleetRequestId=fleet, TargetCapacity=0)
    assert machines(ec2, fleet) == set()


def test_a_cancelled_fleet_stays_visible_and_replaces_nothing(ec2, unique):
    fleet = request(ec2, unique)
    ec2.cancel_spot_fleet_requests(SpotFleetRequestIds=[fleet], TerminateInstances=False)
    assert described(ec2, fleet)["SpotFleetRequestState"] == "cancelled_running"
    ec2.terminate_instances(InstanceIds=[machines(ec2, fleet).pop()])
    assert len(machines(ec2, fleet)) == 1
    ec2.cancel_spot_fleet_requests(SpotFleetRequestIds=[fleet], TerminateInstances=True)
    assert machines(ec2, fleet) == set()
    assert described(ec2, fleet)["SpotFleetRequestState"] == "cancelled_terminating"


def test_an_unknown_fleet_is_told_of(ec2):
    answer = ec2.cancel_spot_fleet_requests(SpotFleetRequestIds=["sfr-none"], TerminateInstances=True)
    assert answer["UnsuccessfulFleetRequests"][0]["Error"]["Code"] == "fleetRequestIdDoesNotExist"
    for call in (machines, described):
        with pytest.raises(ClientError, match="does not exist"):
            call(ec2, "sfr-none")


def test_history_comes_in_pages_and_kinds(ec2, unique):
    fleet = request(ec2, unique, capacity=5)
    asked = {"SpotFleetRequestId": fleet, "StartTime": time.time() - 60}
    first = ec2.describe_spot_fleet_request_history(**asked, EventType="instanceChange", MaxResults=3)
    rest = ec2.describe_spot_fleet_request_history(
        **asked, EventType="instanceChange", MaxResults=3, NextToken=first["NextToken"]
    )
    records = first["HistoryRecords"] + rest["HistoryRecords"]
    assert {one["EventInformation"]["InstanceId"] for one in records} == machines(ec2, fleet)
    assert "NextToken" not in rest
    later = ec2.describe_spot_fleet_request_history(SpotFleetRequestId=fleet, StartTime=time.time() + 60)
    assert later["HistoryRecords"] == []


def test_a_missing_profile_is_an_error_in_the_history_and_no_machine(ec2, unique):
    fleet = request(ec2, unique, IamInstanceProfile={"Name": MISSING_PROFILE})
    assert machines(ec2, fleet) == set()
    history = ec2.describe_spot_fleet_request_history(
        SpotFleetRequestId=fleet, StartTime=time.time() - 60, EventType="error"
    )
    (record,) = history["HistoryRecords"]
    assert record["EventInformation"]["EventSubType"] == "spotFleetRequestConfigurationInvalid"
