"""Fleet file + settings -> the SpotFleetRequestConfig, and what is told of each mistake in the file."""

import base64
import json
from dataclasses import replace

import pytest

from distributed_something.aws.ami import Volume
from distributed_something.config import loader
from distributed_something.errors import UserError
from distributed_something.fleet.fleet_file import load_fleet
from distributed_something.fleet.fleet_request import (
    SPECIFICATIONS_LIMIT,
    Network,
    Surroundings,
    build_request,
)

LEAST = {
    "APP_NAME": "App",
    "DOCKERHUB_TAG": "me/tool:1",
    "AWS_BUCKET": "my-bucket",
    "SSH_KEY_NAME": "my-key.pem",
}
AROUND = Surroundings(
    fleet_role="arn:role/fleet",
    instance_profile="arn:instance-profile/ecs",
    images={"m5.xlarge": "ami-x86", "m6g.large": "ami-arm"},
    volumes={
        "ami-x86": Volume("/dev/xvda", 30),
        "ami-arm": Volume("/dev/xvda", 30),
        "ami-old": Volume("/dev/xvdcz", 22),
    },
    client_token="token",
)
TYPES = ["m5.xlarge", "m6g.large"]


def made(fleet, **variables):
    return build_request(fleet, loader.settings_from({**LEAST, **variables}, "config.py"), AROUND)


def specifications(fleet, **variables):
    return made(fleet, **variables)[0]["LaunchSpecifications"]


def test_an_almost_empty_file_takes_defaults():
    config, _ = made({"LaunchSpecifications": [{}]}, CLUSTER_MACHINES=5, MACHINE_PRICE=0.1)
    (spec,) = config.pop("LaunchSpecifications")
    assert config == {
        "AllocationStrategy": "priceCapacityOptimized",
        "TerminateInstancesWithExpiration": True,
        "Type": "maintain",
        "IamFleetRole": "arn:role/fleet",
        "TargetCapacity": 5,
        "SpotPrice": "0.1",
        "ClientToken": "token",
        "TagSpecifications": [
            {
                "ResourceType": "spot-fleet-request",
                "Tags": [{"Key": "DistributedSomething", "Value": "App"}],
            }
        ],
    }
    assert (spec["ImageId"], spec["InstanceType"], spec["KeyName"]) == ("ami-x86", "m5.xlarge", "my-key")
    assert spec["IamInstanceProfile"] == {"Arn": "arn:instance-profile/ecs"}
    assert {"Key": "Name", "Value": "AppWorker"} in spec["TagSpecifications"][0]["Tags"]


def test_there_is_one_launch_specification_for_each_machine_type():
    found = specifications({"LaunchSpecifications": [{}, {}]}, MACHINE_TYPE=TYPES)
    assert [(spec["InstanceType"], spec["ImageId"]) for spec in found] == [
        ("m5.xlarge", "ami-x86"),
        ("m6g.large", "ami-arm"),
    ]


def test_every_machine_type_comes_in_every_subnet():
    fleet = {"LaunchSpecifications": [{"SubnetId": "subnet-1, subnet-2"}]}
    found = specifications(fleet, MACHINE_TYPE=TYPES, ASSIGN_IP="True")
    assert [(spec["SubnetId"], spec["InstanceType"]) for spec in found] == [
        ("subnet-1", "m5.xlarge"),
        ("subnet-1", "m6g.large"),
        ("subnet-2", "m5.xlarge"),
        ("subnet-2", "m6g.large"),
    ]


def test_a_price_is_written_as_ec2_reads_it():
    assert made({"LaunchSpecifications": [{}]}, MACHINE_PRICE=0.00001)[0]["SpotPrice"] == "0.00001"


def test_no_key_pair_is_asked_for_without_a_name():
    assert "KeyName" not in specifications({"LaunchSpecifications": [{}]}, SSH_KEY_NAME="")[0]


def test_the_volume_size_goes_on_the_root_volume_and_the_classic_second_one_is_left_out():
    mappings = [
        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeType": "gp2", "VolumeSize": 8}},
        {"DeviceName": "/dev/xvdcz", "Ebs": {"VolumeSize": 22}},
        {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"},
    ]
    config, notes = made({"LaunchSpecifications": [{"BlockDeviceMappings": mappings}]}, EBS_VOL_SIZE=100)
    root, other = config["LaunchSpecifications"][0]["BlockDeviceMappings"]
    assert root == {
        "DeviceName": "/dev/xvda",
        "Ebs": {"DeleteOnTermination": True, "VolumeType": "gp2", "VolumeSize": 100},
    }
    assert other["DeviceName"] == "/dev/sdb"
    assert any("/dev/xvdcz of the fleet file is left out" in note for note in notes)


def test_on_an_image_of_the_old_kind_the_size_goes_on_its_data_volume():
    spec = specifications({"LaunchSpecifications": [{"ImageId": "ami-old"}]}, EBS_VOL_SIZE=50)[0]
    (sized,) = spec["BlockDeviceMappings"]
    assert (sized["DeviceName"], sized["Ebs"]["VolumeSize"]) == ("/dev/xvdcz", 50)


def test_a_size_below_the_image_s_is_raised_with_a_word():
    config, notes = made({"LaunchSpecifications": [{}]}, EBS_VOL_SIZE=22)
    assert config["LaunchSpecifications"][0]["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"] == 30
    assert "EBS_VOL_SIZE is 22 GB, but the image needs 30 GB; 30 is taken" in notes


def test_machines_join_the_cluster_and_carry_the_app_s_attribute():
    spec = specifications({"LaunchSpecifications": [{}]}, ECS_CLUSTER="mine")[0]
    script = base64.b64decode(spec["UserData"]).decode()
    assert script.startswith("#!/bin/bash\n")
    assert "ECS_CLUSTER=mine\n" in script
    assert 'ECS_INSTANCE_ATTRIBUTES={"app": "App"}\n' in script
    assert "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true\n" in script


@pytest.mark.parametrize("encode", [str, lambda text: base64.b64encode(text.encode()).decode()])
def test_the_file_s_own_user_data_runs_after_ours(encode):
    own = "#!/bin/bash\necho mine\n"
    spec = specifications({"LaunchSpecifications": [{"UserData": encode(own)}]})[0]
    assert base64.b64decode(spec["UserData"]).decode().endswith("END\necho mine\n")


def test_user_data_that_is_no_script_or_too_long_is_refused():
    with pytest.raises(UserError, match="is no shell script"):
        made({"LaunchSpecifications": [{"UserData": "MIME-Version: 1.0"}]})
    with pytest.raises(UserError, match="too long: EC2 takes 16,384 bytes"):
        made({"LaunchSpecifications": [{"UserData": "#!/bin/bash\n" + "x" * 16_384}]})


def test_assign_ip_false_forbids_an_address_on_every_interface():
    fleet = {
        "LaunchSpecifications": [{"NetworkInterfaces": [{"SubnetId": "s", "AssociatePublicIpAddress": True}]}]
    }
    for spec in specifications(fleet, MACHINE_TYPE=TYPES, ASSIGN_IP="False"):
        assert spec["NetworkInterfaces"][0]["AssociatePublicIpAddress"] is False


def test_assign_ip_true_leaves_the_file_s_setting():
    interfaces = [{"SubnetId": "s", "AssociatePublicIpAddress": True}]
    spec = specifications({"LaunchSpecifications": [{"NetworkInterfaces": interfaces}]}, ASSIGN_IP="True")[0]
    assert spec["NetworkInterfaces"] == interfaces


def test_assign_ip_false_turns_subnet_and_groups_into_an_interface():
    fleet = {"LaunchSpecifications": [{"SubnetId": "s", "SecurityGroups": [{"GroupId": "sg-1"}]}]}
    spec = specifications(fleet, ASSIGN_IP="False")[0]
    assert spec["NetworkInterfaces"] == [
        {"DeviceIndex": 0, "SubnetId": "s", "Groups": ["sg-1"], "AssociatePublicIpAddress": False}
    ]
    assert "SubnetId" not in spec
    assert "SecurityGroups" not in spec


def test_launch_templates_get_every_machine_type_as_an_override():
    template = {"LaunchTemplateSpecification": {"LaunchTemplateName": "mine", "Version": "1"}}
    config, notes = made({"LaunchTemplateConfigs": [template]}, MACHINE_TYPE=TYPES)
    assert [one["InstanceType"] for one in config["LaunchTemplateConfigs"][0]["Overrides"]] == TYPES
    assert "LaunchSpecifications" not in config
    assert "must bring the image and the user data" in notes[0]


def test_comments_are_dropped_everywhere(tmp_path):
    path = tmp_path / "fleet.json"
    path.write_text('{"_comment": "x", "LaunchSpecifications": [{"_comment2": "y"}]}')
    assert load_fleet(path) == {"LaunchSpecifications": [{}]}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "fleet.json, line 1, column 2: this is no JSON"),
        ("[]", "a fleet file is one JSON object"),
        ({}, "neither LaunchSpecifications nor LaunchTemplateConfigs is there"),
        ({"LaunchSpecifications": []}, "neither LaunchSpecifications nor LaunchTemplateConfigs is there"),
        ({"LaunchSpecifications": ["x"]}, "LaunchSpecifications is a list of objects"),
        ({"LaunchSpecifications": [{}], "LaunchTemplateConfigs": [{}]}, "exclude each other"),
        ({"LaunchSpecifications": [{}], "Type": "request"}, "Type must be 'maintain'"),
        (
            {"LaunchSpecifications": [{}], "IamFleetRole": "arn:aws:iam::XXXXXXXXXXXX:role/x"},
            "IamFleetRole is still the example's 'arn:aws:iam::XXXXXXXXXXXX:role/x'",
        ),
        (
            {"LaunchSpecifications": [{"NetworkInterfaces": [{"Groups": ["sg-XXXX"]}]}]},
            "LaunchSpecifications[0].NetworkInterfaces[0].Groups[0] is still the example's 'sg-XXXX'",
        ),
        (
            {"LaunchSpecifications": [{"IamInstanceProfile": {"Arn": "arn:aws:iam::1:role/x"}}]},
            "IamInstanceProfile names a role",
        ),
        ({"LaunchSpecifications": [{"IamInstanceProfile": "x"}]}, "IamInstanceProfile is written"),
        ({"LaunchSpecifications": [{"NetworkInterfaces": {}}]}, "NetworkInterfaces is a list of objects"),
        (
            {"LaunchSpecifications": [{"NetworkInterfaces": [{}], "SubnetId": "s"}]},
            "SubnetId and SecurityGroups stand inside them",
        ),
    ],
)
def test_a_mistake_is_told_with_its_key(tmp_path, content, told):
    path = tmp_path / "fleet.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(UserError) as raised:
        load_fleet(path)
    assert told in str(raised.value)


def placed(types, zones, offered=None, entries=None):
    """(subnet, machine type) of each specification, and the notes; one subnet in each zone."""
    around = replace(
        AROUND,
        images=dict.fromkeys(types, "ami-1"),
        volumes={"ami-1": Volume("/dev/xvda", 30)},
        network=Network({f"subnet-{zone}": zone for zone in zones}, "sg-default"),
        offered=offered,
    )
    config, notes = build_request(
        {"LaunchSpecifications": entries or [{}]},
        loader.settings_from({**LEAST, "MACHINE_TYPE": types, "ASSIGN_IP": "True"}, "config.py"),
        around,
    )
    return config["LaunchSpecifications"], notes


def test_an_entry_without_a_place_gets_every_subnet_of_the_default_network():
    specs, _ = placed(["m5.xlarge", "m6i.xlarge"], "abc")
    assert [(one["SubnetId"], one["InstanceType"]) for one in specs] == [
        (f"subnet-{zone}", machine_type) for zone in "abc" for machine_type in ("m5.xlarge", "m6i.xlarge")
    ]
    assert all(one["SecurityGroups"] == [{"GroupId": "sg-default"}] for one in specs)


def test_a_type_that_a_zone_does_not_offer_is_not_asked_for_there():
    specs, _ = placed(["m5.xlarge", "m6i.xlarge"], "ab", frozenset({("m5.xlarge", "a"), ("m6i.xlarge", "b")}))
    assert [(one["SubnetId"], one["InstanceType"]) for one in specs] == [
        ("subnet-a", "m5.xlarge"),
        ("subnet-b", "m6i.xlarge"),
    ]


def test_an_entry_that_names_its_place_keeps_it():
    own = {"SubnetId": "subnet-own", "SecurityGroups": [{"GroupId": "sg-own"}]}
    specs, _ = placed(["m5.xlarge"], "ab", frozenset({("m5.xlarge", "a")}), [own])
    assert [(one["SubnetId"], one["SecurityGroups"]) for one in specs] == [
        ("subnet-own", [{"GroupId": "sg-own"}])
    ]


def test_no_more_specifications_than_ec2_takes():
    types = [f"m5.{n}xlarge" for n in range(1, 13)]
    specs, notes = placed(types, "abcdef")
    assert len(specs) == SPECIFICATIONS_LIMIT
    assert {one["InstanceType"] for one in specs} == set(types)
    assert any("72 pairs of subnet and machine type are more than the 50" in note for note in notes)
