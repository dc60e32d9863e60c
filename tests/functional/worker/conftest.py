"""The conformance suite: the same scenarios for both workers, and on two emulators."""

import subprocess

import pytest

from tests import interpreters
from tests.functional.worker.rig import CHECKOUT, PYTHON3, Rig

PYTHON2WORKER = CHECKOUT / "python2worker"


@pytest.fixture(scope="session")
def python2(tmp_path_factory):
    """The worker for Python 2.7, with the boto3 that its image has."""
    found = interpreters.needed("2.7")
    folder = tmp_path_factory.mktemp("python2")
    requirements = PYTHON2WORKER / "requirements.txt"
    subprocess.run(
        [found, "-m", "pip", "install", "--quiet", "--target", str(folder), "-r", str(requirements)],
        check=True,
    )
    return {
        "argv": [found, str(PYTHON2WORKER / "generic-worker.py")],
        "variables": {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
    }


@pytest.fixture(params=["python3-moto", "python3-ministack", "python2-moto"])
def rig(request, unique, tmp_path):
    version, emulator = request.param.split("-")
    program = PYTHON3 if version == "python3" else request.getfixturevalue("python2")
    made = Rig(request.getfixturevalue(emulator), unique, tmp_path, program=program)
    yield made
    made.close()
