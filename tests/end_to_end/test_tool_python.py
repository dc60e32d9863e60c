"""A rehearsal whose tool.py runs in Python 2.7, from a checkout and from an installed package."""

import json
import subprocess
import sys
import zipfile

import pytest

from tests import interpreters
from tests.end_to_end.conftest import CHECKOUT

TOOL = """
def output(job):
    print "in Python 2"
    return u"mine/é-" + job["Name"]
"""


@pytest.fixture
def rehearse(shell, tmp_path):
    """A function that rehearses two jobs with this TOOL_PYTHON. Returns what was printed."""
    (tmp_path / "tool.py").write_text("# -*- coding: utf-8 -*-" + TOOL, encoding="utf-8")
    (tmp_path / "job.json").write_text(json.dumps({"groups": [{"Name": "a"}, {"Name": "b"}]}))

    def rehearse(python, code=0):
        settings = f"\nCOMMAND = 'touch {{output}}/x'\nTOOL_PYTHON = {python!r}\n"
        (tmp_path / "config.py").write_text((CHECKOUT / "config.py").read_text() + settings)
        arguments = ("local", tmp_path / "job.json", "--bucket", tmp_path / "bucket")
        return shell.run("--config", tmp_path / "config.py", *arguments, code=code)

    return rehearse


def test_the_workers_of_a_rehearsal_run_tool_py_in_it(rehearse, tmp_path):
    assert "2 jobs done" in rehearse(interpreters.needed("2.7"))
    assert sorted(path.name for path in (tmp_path / "bucket" / "mine").iterdir()) == ["é-a", "é-b"]


def test_an_unknown_one_is_told_before_anything_runs(rehearse):
    printed = rehearse("python9", code=2)
    assert "TOOL_PYTHON = 'python9': there is no such program here" in printed
    assert "Traceback" not in printed and "run.py setup" not in printed


def test_a_wheel_has_what_buildimage_puts_into_an_image(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    folders = ["distributed_something", "worker", "python2worker"]
    for name in [*folders, "setup.py", "README.md", "pyproject.toml"]:
        subprocess.run(["cp", "-r", str(CHECKOUT / name), str(source)], check=True)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path)]
    subprocess.run([*command, str(source)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("worker", "python2worker"):
        for path in (CHECKOUT / folder).rglob("[!.]*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert path.relative_to(CHECKOUT).as_posix() in packed
