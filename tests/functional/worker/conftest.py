"""The conformance suite: the same scenarios without a tool.py, with one in a real Python 2.7,
and on two emulators.
"""

import pytest

from tests import interpreters
from tests.functional.worker.rig import PYTHON3, Rig

# Every function goes through the shim, and what it prints does no harm. Python 3 could not even compile this.
EVERY_FUNCTION = """# -*- coding: utf-8 -*-
import sys

from worker import api


def name(job):
    print "name", sys.version_info[:2]
    return api.job_name(job.environment.job_name, job.message)


def inputs(job):
    print >> sys.stderr, "inputs"
    return api.inputs(job)


def command(job):
    argv, environ = api.fill_command(job.environment.command, job.values)
    return argv, environ


def output(job):
    return api.fill(job.environment.output, job.values)


def failure(job):
    print "failure"


def is_done(job, objects):
    wanted = job.environment
    enough = [
        name
        for name, size in objects
        if size >= wanted.min_file_size and wanted.necessary_string in name
    ]
    return len(enough) >= wanted.expected_number_files
"""


@pytest.fixture
def shim(tmp_path_factory):
    """The worker with a tool.py that Python 2.7 runs."""
    path = tmp_path_factory.mktemp("shim") / "tool.py"
    path.write_text(EVERY_FUNCTION, encoding="utf-8")
    variables = {"TOOL_PYTHON": interpreters.needed("2.7"), "TOOL_FILE": str(path)}
    return {**PYTHON3, "variables": variables}


@pytest.fixture(params=["python3-moto", "python3-ministack", "shim2.7-moto"])
def rig(request, unique, tmp_path):
    version, emulator = request.param.split("-")
    program = PYTHON3 if version == "python3" else request.getfixturevalue("shim")
    made = Rig(request.getfixturevalue(emulator), unique, tmp_path, program=program)
    yield made
    made.close()
