"""The container's first process, as a process of this computer, on a machine that says it is EC2's."""

import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from distributed_something.aws import ecr
from distributed_something.commands.local import emulated_aws
from tests.functional.conftest import client
from tests.functional.worker.rig import WORKER, Rig
from tests.waiting import wait_until

CONTAINER = WORKER.with_name("container-main.py")


@pytest.fixture
def rig(moto, unique, tmp_path):
    made = Rig(moto, unique, tmp_path)
    yield made
    made.close()


@pytest.fixture
def machine(moto):
    """An instance of the emulated EC2, and the address of a metadata service that tells its id."""
    ec2 = client(moto, "ec2")
    made = ec2.run_instances(ImageId="ami-0ec5a120230008664", MinCount=1, MaxCount=1)["Instances"][0]

    class Service(BaseHTTPRequestHandler):
        def do_PUT(self):
            self._answer(b"token", 200)

        def do_GET(self):
            known = self.headers.get("X-aws-ec2-metadata-token") == "token" and self.path.endswith(
                "/instance-id"
            )
            self._answer(made["InstanceId"].encode() if known else b"", 200 if known else 404)

        def _answer(self, body, code):
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *told):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made["InstanceId"], f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def start(rig, command, **settings):
    worker = subprocess.Popen(
        [sys.executable, "-I", str(CONTAINER)],
        env={**os.environ, **rig.environment(command, **settings)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=str(rig.folder),
        text=True,
    )
    rig.workers.append(worker)
    return worker


def test_a_machine_is_named_with_its_volumes_and_gets_its_alarm(rig, moto, machine):
    instance, address = machine
    rig.send({"n": "1"})
    container = start(rig, "sleep 2", AWS_EC2_METADATA_SERVICE_ENDPOINT=address)
    printed, _ = container.communicate(timeout=60)
    assert container.returncode == 0, printed
    assert f"{rig.name}: 1 workers on machine {instance}, region us-east-1" in printed
    ec2 = client(moto, "ec2")
    (found,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"]
    assert {"Key": "Name", "Value": rig.name + "Worker"} in found["Tags"]
    volumes = [one["Ebs"]["VolumeId"] for one in found["BlockDeviceMappings"]]
    assert volumes
    for volume in ec2.describe_volumes(VolumeIds=volumes)["Volumes"]:
        assert {"Key": "Name", "Value": rig.name + "Worker"} in volume["Tags"]
    (alarm,) = client(moto, "cloudwatch").describe_alarms(AlarmNames=[f"{rig.name}_{instance}"])[
        "MetricAlarms"
    ]
    assert alarm["AlarmActions"] == ["arn:aws:automate:us-east-1:ec2:terminate"]
    assert (alarm["Threshold"], alarm["Period"] * alarm["EvaluationPeriods"]) == (1.0, 900)
    assert rig.ledger()[0]["instance"] == instance


def test_sigterm_reaches_every_worker_and_those_not_started_yet_stay_away(rig):
    for n in range(4):
        rig.send({"n": str(n)})
    container = start(rig, "sleep 600", DOCKER_CORES=3, SECONDS_TO_START=0.2)
    wait_until(lambda: rig.counts()[1] == 3, "three workers are busy")
    container.send_signal(signal.SIGTERM)
    printed, _ = container.communicate(timeout=60)
    assert container.returncode == 0, printed
    assert rig.counts() == (4, 0)
    late = start(rig, "sleep 600", DOCKER_CORES=2, SECONDS_TO_START=600)
    wait_until(lambda: rig.counts()[1] == 1, "one worker is busy")
    late.send_signal(signal.SIGTERM)
    late.communicate(timeout=60)
    assert late.returncode == 0


def test_a_worker_that_is_killed_is_replaced_and_the_container_goes_on(rig):
    rig.send({"n": "1"})
    container = start(rig, "sh -c 'echo $PPID >> running; [ {attempt} = 2 ] || exec sleep 600'")
    rig.await_file("running", "the tool runs")
    worker = int(wait_until((rig.folder / "running").read_text, "the worker's number"))
    os.kill(worker, signal.SIGKILL)
    printed, _ = container.communicate(timeout=120)
    assert "A worker was killed by signal 9" in printed
    assert container.returncode == 0, printed
    assert rig.outcomes() == ["SUCCESS"]


def test_a_worker_that_cannot_start_ends_the_container(rig):
    container = start(rig, "true", SQS_MESSAGE_VISIBILITY="soon")
    printed, _ = container.communicate(timeout=60)
    assert container.returncode == 2
    assert "The worker cannot start" in printed


def test_an_image_of_ecr_gets_its_repository_and_a_login(moto, unique):
    aws = emulated_aws(moto.endpoint_url, "us-east-1")
    image = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{unique}/tool:1"
    assert ecr.is_ecr(image)
    assert not ecr.is_ecr("me/tool:1")
    for _ in range(2):
        login = ecr.login(aws, image)
    assert login["username"] == "AWS"
    assert login["password"]
    names = [one["repositoryName"] for one in aws.client("ecr").describe_repositories()["repositories"]]
    assert f"{unique}/tool" in names
