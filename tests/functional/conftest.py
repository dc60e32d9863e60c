"""Two emulated AWS, made by different people, so that no test passes because of one's habits."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import uuid
from pathlib import Path

import boto3
import pytest

from distributed_something.local.emulator import KNOWN_KEY, Emulator
from tests.waiting import listens, wait_until

# Where an emulator listens that the tests are to use.
EMULATOR = "TESTS_EMULATOR_URL"


class Ministack:
    """ministack as a process on a loopback port; the same face as Emulator."""

    access_key = KNOWN_KEY

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.endpoint_url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env={
                **os.environ,
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(port),
                "SERVICES": "sqs,s3,logs",
                "LOG_LEVEL": "ERROR",
                "S3_DATA_DIR": str(self._folder / "s3"),
                "TMPDIR": str(self._folder),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: listens(port), "ministack listens")
        return self

    def __exit__(self, *error):
        self._process.kill()
        self._process.wait()

    def environment(self):
        return {**Emulator.environment(self), "AWS_ENDPOINT_URL": self.endpoint_url}


class Elsewhere:
    """An emulator that another process has started; the same face as Emulator."""

    access_key = KNOWN_KEY

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url


@pytest.fixture(scope="session")
def moto():
    """Our own emulated AWS: moto with extensions; or the one of the tests that run these in an old Python."""
    if EMULATOR in os.environ:
        yield Elsewhere(os.environ[EMULATOR])
        return
    with Emulator() as server:
        yield server


@pytest.fixture(scope="session")
def ministack(tmp_path_factory):
    with Ministack(tmp_path_factory.mktemp("ministack")) as server:
        yield server


@pytest.fixture(params=["moto", "ministack"])
def emulator(request):
    """Each of the two in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def unique():
    """A name that no other test uses."""
    return "t" + uuid.uuid4().hex[:10]


def client(server, service):
    """A real boto3 client of an emulator."""
    return boto3.client(
        service,
        endpoint_url=server.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=KNOWN_KEY,
        aws_secret_access_key="rehearsal",
    )
