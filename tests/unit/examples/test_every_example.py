"""Every folder of files/examples is whole: configuration, job file and fleet file that work together."""

import json
import re
from collections import defaultdict

import pytest

from distributed_something.aws.ami import Volume
from distributed_something.config import loader
from distributed_something.fleet.fleet_file import load_fleet
from distributed_something.fleet.fleet_request import Network, Surroundings, build_request
from distributed_something.jobs import job_file
from tests.tools import CHECKOUT, EXAMPLES

FOLDERS = sorted(path for path in EXAMPLES.iterdir() if path.is_dir() and not path.name.startswith("_"))
SCREEN = 45  # lines
AROUND = Surroundings(
    fleet_role="arn:role/fleet",
    instance_profile="arn:instance-profile/ecs",
    images=defaultdict(lambda: "ami-1"),
    volumes={"ami-1": Volume("/dev/xvda", 30)},
    network=Network({"subnet-1": "us-east-1a"}),
    client_token="token",
)
example = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


@example
def test_the_configuration_loads_and_every_job_can_be_submitted(folder):
    settings = loader.load(folder / "config.py")
    assert settings.app_name == folder.name
    assert job_file.check_jobs(job_file.load_jobs(folder / "job.json"), settings).jobs > 0


@example
def test_the_fleet_file_becomes_a_request_for_machines_that_can_reach_aws(folder):
    """The default network has no NAT gateway: without a public address a machine never joins the cluster."""
    settings = loader.load(folder / "config.py")
    request, notes = build_request(load_fleet(folder / "fleet.json"), settings, AROUND)
    assert notes == []
    assert request["TargetCapacity"] == settings.cluster_machines
    assert {spec["InstanceType"] for spec in request["LaunchSpecifications"]} == set(settings.machine_type)
    assert '"AssociatePublicIpAddress": false' not in json.dumps(request)


@example
def test_the_page_fits_a_screen_and_what_it_names_is_there(folder):
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {folder.name}\n")
    assert page.count("\n") <= SCREEN
    assert f"run.py --config files/examples/{folder.name}/config.py" in page
    for path in re.findall(r"files/examples/[\w./-]*[\w]", page):
        assert (CHECKOUT / path).exists(), path
    for link in re.findall(r"\]\((?!https?://)([^)#]+)\)", page):
        assert (folder / link).exists(), link


@example
def test_the_readme_of_the_project_leads_to_it(folder):
    page = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert f"](files/examples/{folder.name}/README.md)" in page
