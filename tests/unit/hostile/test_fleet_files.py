"""Any fleet file: a sentence, or a request that AWS's client takes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributed_something.aws.ami import Volume
from distributed_something.config import loader
from distributed_something.errors import UserError
from distributed_something.fleet.fleet_file import load_fleet
from distributed_something.fleet.fleet_request import Network, Surroundings, build_request
from tests.unit.hostile.test_job_files import LEAST
from tests.unit.hostile.values import documents, folder, hostile, is_a_sentence, texts, written

SETTINGS = loader.settings_from({**LEAST, "MACHINE_TYPE": ["m5.large"]}, "config.py")


class Volumes(dict):
    """Every image boots from the same device."""

    def __missing__(self, image):
        return Volume("/dev/xvda", 30)


AROUND = Surroundings(
    fleet_role="arn:aws:iam::123456789012:role/fleet",
    instance_profile="arn:aws:iam::123456789012:instance-profile/machine",
    images={"m5.large": "ami-1"},
    volumes=Volumes(),
    client_token="t",
    network=Network({"subnet-1": "a", "subnet-2": "b"}, "sg-1"),
    offered=frozenset({("m5.large", "a")}),
)


def try_fleet(content):
    with folder() as here:
        path = here / "fleet.json"
        path.write_bytes(content)
        try:
            request, notes = build_request(load_fleet(path), SETTINGS, AROUND)
        except UserError as error:
            return is_a_sentence(error)
    json.dumps(request).encode()
    assert request["TargetCapacity"] == SETTINGS.cluster_machines
    assert all(isinstance(note, str) and note for note in notes)
    for spec in request.get("LaunchSpecifications", []):
        assert spec["InstanceType"] == "m5.large"
        assert all(one["AssociatePublicIpAddress"] is False for one in spec.get("NetworkInterfaces", []))
    return ""


keys = st.sampled_from(
    [
        "ImageId",
        "SubnetId",
        "SecurityGroups",
        "NetworkInterfaces",
        "IamInstanceProfile",
        "UserData",
        "KeyName",
    ]
    + ["BlockDeviceMappings", "TagSpecifications", "InstanceType", "Overrides", "LaunchTemplateSpecification"]
)
inner = st.dictionaries(
    st.one_of(st.sampled_from(["Arn", "Name", "GroupId", "DeviceName", "Ebs", "SubnetId", "Groups"]), texts),
    documents,
    max_size=3,
)
specs = st.dictionaries(keys, st.one_of(documents, texts, inner, st.lists(inner, max_size=3)), max_size=5)
fleets = st.dictionaries(
    st.one_of(
        st.sampled_from(["LaunchSpecifications", "LaunchTemplateConfigs", "TagSpecifications", "Type"]), texts
    ),
    st.one_of(documents, st.lists(specs, max_size=3)),
    max_size=4,
)


@hostile
@given(
    st.one_of(fleets, st.lists(specs, min_size=1, max_size=2).map(lambda one: {"LaunchSpecifications": one}))
)
def test_any_json(fleet):
    try_fleet(written(fleet).encode())


@hostile
@given(st.binary())
def test_any_bytes(content):
    try_fleet(content)


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"BlockDeviceMappings": {"DeviceName": "x"}}, "BlockDeviceMappings is a list of objects, [{...}]"),
        ({"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": 30}]}, "Ebs is an object, {...}"),
        ({"TagSpecifications": "x"}, "TagSpecifications is a list of objects"),
        ({"SecurityGroups": ["sg-1"]}, "SecurityGroups is a list of objects"),
        ({"SubnetId": ["subnet-1"]}, "SubnetId is text, in quotes"),
        ({"UserData": 5}, "UserData is text, in quotes"),
        ({"ImageId": 5}, "ImageId is text, in quotes"),
    ],
    ids=str,
)
def test_found_by_fuzzing(spec, told):
    assert told in try_fleet(json.dumps({"LaunchSpecifications": [spec]}).encode())


def test_an_empty_style_beside_the_other_is_left_out():
    """Found by fuzzing: null went into the request."""
    template = {"LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "Version": "1"}}
    fleet = {"LaunchSpecifications": None, "LaunchTemplateConfigs": [template]}
    assert try_fleet(json.dumps(fleet).encode()) == ""
