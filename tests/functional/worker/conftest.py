"""The conformance suite: the same scenarios for both workers, and on two emulators."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.functional.worker.rig import CHECKOUT, PYTHON3, Rig

PYTHON2WORKER = CHECKOUT / "python2worker"


def find_python2():
    """A Python 2.7 of this computer, or None."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for candidate in filter(None, [shutil.which("python2.7"), *sorted(pyenv.glob("2.7.*/bin/python2.7"))]):
        told = subprocess.run([candidate, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if told.stdout.startswith(b"Python 2.7"):
            return str(candidate)
    return None


@pytest.fixture(scope="session")
def python2(tmp_path_factory):
    """The worker for Python 2.7, with the boto3 that its image has."""
    found = find_python2()
    if found is None:
        message = "there is no Python 2.7 here; `make test` wants one on PATH or in pyenv"
        pytest.fail(message) if os.environ.get("EVERY_PYTHON") else pytest.skip(message)
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
