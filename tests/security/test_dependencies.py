"""What of the libraries can be checked without a network; `make audit` looks them up where there is one."""

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests.end_to_end.conftest import CHECKOUT

# The oldest versions without a flaw that was published by November 2026 and could matter here.
OLDEST = {
    "jinja2": (3, 1, 6),
    "urllib3": (2, 6, 0),
    "requests": (2, 32, 4),
    "werkzeug": (3, 1, 4),
    "flask-cors": (6, 0, 0),
    "cryptography": (44, 0, 1),
    "pillow": (11, 3, 0),
}


def requirements(*path):
    lines = Path(CHECKOUT, *path).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("name", OLDEST)
def test_no_library_is_older_than_a_published_flaw(name):
    there = tuple(map(int, re.findall(r"\d+", metadata.version(name))[:3]))
    assert there >= OLDEST[name]


def test_what_goes_into_an_image_is_pinned_by_name_and_number():
    for line in requirements("worker", "requirements.txt"):
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)


def test_the_worker_brings_boto3_alone():
    assert [line.split("==")[0] for line in requirements("worker", "requirements.txt")] == ["boto3"]


def test_no_library_comes_from_elsewhere_than_the_index():
    told = (CHECKOUT / "setup.py").read_text() + (CHECKOUT / "Makefile").read_text()
    assert not re.search(r"git\+|@ ?https?:|--index-url|--extra-index-url|--trusted-host", told)


def test_the_libraries_agree_with_each_other():
    told = subprocess.run([sys.executable, "-m", "pip", "check"], stdout=subprocess.PIPE, text=True)
    assert told.returncode == 0, told.stdout
