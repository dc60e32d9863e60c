"""Launching needs Python 3.7 and boto3, nothing else: the four commands, imported and run with just these."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from distributed_something.local.emulator import Emulator
from tests import interpreters
from tests.end_to_end.conftest import CHECKOUT

BOTO3 = "boto3==1.33.13"  # the last for Python 3.7


@pytest.fixture(scope="module")
def python37(tmp_path_factory):
    """Python 3.7 with boto3 alone."""
    found = interpreters.needed("3.7")
    folder = tmp_path_factory.mktemp("python37") / "venv"
    subprocess.run([found, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", BOTO3]
    subprocess.run(install, check=True)
    return python


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """What a user has: a clone with a config.py of their own."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("distributed_something", "worker", "files"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "run.py", folder)
    config = (CHECKOUT / "config.py").read_text()
    config = config.replace("your-bucket-name", "a-bucket").replace("user/distributed-something", "me/tool")
    (folder / "config.py").write_text(config.replace("your-key-file.pem", ""))
    return folder


@pytest.fixture(scope="module")
def aws_environment():
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "PYTHON"))}
    with Emulator() as emulator:
        yield {**kept, **emulator.environment()}


def test_all_modules_import_without_anything_else(python37, project):
    """Only what `local` needs may want more than boto3, and says so when it is called."""
    modules = sorted(
        ".".join(path.relative_to(project).with_suffix("").parts)
        for path in (project / "distributed_something").rglob("*.py")
        if "moto_extensions" not in str(path)
    )
    code = "import importlib\n" + "\n".join(f"importlib.import_module({name!r})" for name in modules)
    subprocess.run([str(python37), "-c", code], cwd=str(project), check=True)


def test_a_whole_run(python37, project, aws_environment):
    def run(*arguments):
        told = subprocess.run(
            [str(python37), "run.py", *arguments],
            cwd=str(project),
            env=aws_environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert told.returncode == 0, told.stdout
        return told.stdout

    def aws(code):
        """A line of boto3 from outside, with this test's own Python."""
        code = f"import boto3, json\nprint(json.dumps({code}))"
        environment = {**aws_environment, "AWS_DEFAULT_REGION": "us-east-1"}
        told = subprocess.run(
            [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, check=True
        )
        return json.loads(told.stdout)

    aws("boto3.client('s3').create_bucket(Bucket='a-bucket')")
    for command in ("setup", "submitJob", "startCluster", "monitor", "local"):
        assert "example:" in run(command, "--help")
    assert run("setupAWS").count(": made") >= 10
    assert run("setup").count(": made") == 8
    assert "3 jobs are in the queue" in run("submitJob", "files/exampleJob.json")
    started = run("startCluster", "files/exampleFleet.json")
    assert "Machines running: 3 of 3" in started
    assert re.search(r"Next:  python run.py monitor", started)
    url = aws("boto3.client('sqs').get_queue_url(QueueName='HelloWorldQueue')['QueueUrl']")
    assert aws(f"boto3.client('sqs').purge_queue(QueueUrl={url!r}) and 1") == 1
    monitored = run("monitor", "files/HelloWorldSpotFleetRequestId.json")
    assert "Machines: fleet sfr-" in monitored
    assert aws("boto3.client('sqs').list_queues().get('QueueUrls', [])") == []


def test_local_says_what_it_lacks(python37, project, aws_environment):
    told = subprocess.run(
        [str(python37), "run.py", "local", "files/exampleJob.json"],
        cwd=str(project),
        env=aws_environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert told.returncode == 2
    assert 'pip install "moto[server]' in told.stderr
    assert "Traceback" not in told.stderr
