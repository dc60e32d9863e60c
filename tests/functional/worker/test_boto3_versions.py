"""The tests of the fast client with every boto3 that matters, each in a virtual environment of its own.

They are kept beside the libraries of these tests (in .venv), since making one takes half a minute.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import interpreters
from tests.functional.conftest import EMULATOR
from tests.functional.worker.rig import CHECKOUT

TESTS = [
    "tests/functional/worker/test_fast_client.py",
    "tests/functional/worker/test_fast_calls.py",
    "tests/functional/worker/test_small_objects.py",
    "tests/unit/worker/aws/test_error_codes.py",
]
OLD_PYTEST = "pytest==7.4.4"  # the last for Python 3.7
# By what it is: the Python (None: ours) and what pip installs there.
ENVIRONMENTS = {
    # Older ones do not know tcp_keepalive, which all our clients ask for.
    "oldest": ("3.7", ["boto3==1.24.84", "botocore==1.27.84", OLD_PYTEST]),
    "last-for-3.7": ("3.7", ["boto3==1.33.13", OLD_PYTEST]),
    # It speaks JSON with SQS, unlike the two above, and sends with the older urllib3, unlike the newest.
    "last-for-3.8": (None, ["boto3==1.37.38", "urllib3<2", "pytest"]),
    "newest": (None, ["boto3", "pytest"]),
}


def python_of(which):
    """The Python of an environment, which is made where it is missing; the newest is brought up to date."""
    version, wanted = ENVIRONMENTS[which]
    folder = Path(sys.prefix) / "boto3" / which
    python, ready = folder / "bin" / "python", folder / "ready"
    made = ready.exists() and ready.read_text() == str(wanted)
    if not made:
        found = interpreters.needed(version) if version else sys.executable
        subprocess.run([found, "-m", "venv", "--clear", str(folder)], check=True)
    if not made or which == "newest":
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--upgrade", *wanted], check=True)
        ready.write_text(str(wanted))
    return python


@pytest.mark.parametrize("which", ENVIRONMENTS)
def test_the_fast_client_works_with_this_boto3(moto, which):
    python = python_of(which)
    # Without the settings of the newer pytest and its plugins, and without ministack, which old Pythons lack.
    options = ["-q", "-c", os.devnull, "--rootdir", str(CHECKOUT), "-p", "no:cacheprovider"]
    options += ["--confcutdir", "tests/functional", "-k", "not ministack"]
    ran = subprocess.run(
        [str(python), "-m", "pytest", *options, *TESTS],
        cwd=str(CHECKOUT),
        env={**os.environ, EMULATOR: moto.endpoint_url, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout
    assert " passed" in ran.stdout
    assert "skipped" not in ran.stdout
