"""The worker for Python 2.7 makes of any message what the other worker makes of it, or refuses it as well."""

import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import interpreters
from tests.unit.hostile.test_job_files import SETTINGS, environment
from tests.unit.hostile.test_messages import Listing, bodies, keys, templates
from tests.unit.hostile.test_tool_output import CHECKOUT
from tests.unit.hostile.values import hostile, texts, written
from worker import default_tool, inputs, job
from worker.attempt_record import JobProblem
from worker.protocol import placeholders

_PYTHON2 = """
from __future__ import unicode_literals
import json, sys
from python2worker import filling, inputs, tool
from python2worker.attempt import Job
from python2worker.outcome import JobProblem

class Settings(object):
    def __init__(self, known):
        self.__dict__.update(known)

class Listing(object):
    def __init__(self, keys): self.keys = keys
    def get_paginator(self, name): return self
    def paginate(self, Bucket, Prefix):
        yield {"Contents": [{"Key": key} for key in self.keys if key.startswith(Prefix)]}

def begin(case):
    found = Job(case["body"], 1, Settings(case["settings"]))
    found.values["job"] = tool.name(found)
    found.values.update(input="/in", output="/out")
    prefix = filling.safe_prefix(tool.output(found))
    return [found.values["job"], prefix, tool.inputs(found), tool.command(found)]

def place(case):
    patterns = [inputs.pattern(template, {"x": case["value"]}) for template in case["templates"]]
    return sorted(inputs.sources(Listing(case["keys"]), "bucket", patterns).items())

for line in iter(sys.stdin.readline, b""):
    case = json.loads(line)
    try:
        answer = {"begin": begin, "place": place}[case["do"]](case)
    except (ValueError, JobProblem) as problem:
        answer = "refused"
    sys.stdout.write(json.dumps(answer) + "\\n")
    sys.stdout.flush()
"""


@pytest.fixture(scope="module")
def python2():
    """Ask the other worker."""
    process = subprocess.Popen(
        [interpreters.needed("2.7"), "-c", _PYTHON2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=str(CHECKOUT),
        text=True,
    )

    def ask(**case):
        process.stdin.write(json.dumps(case) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield ask
    process.stdin.close()
    process.wait()
    process.stdout.close()


def begin(body, settings):
    try:
        found = job.parse(body, 1, environment(settings), None)
        found.place(job=default_tool.name(found), input="/in", output="/out")
        patterns = [list(one.parts) for one in default_tool.inputs(found)]
        prefix = placeholders.safe_prefix(default_tool.output(found))
        return [found.name, prefix, patterns, list(default_tool.command(found))]
    except (ValueError, JobProblem):
        return "refused"


usual = st.builds(
    lambda group: written({"group": group}),
    st.fixed_dictionaries({"a": st.one_of(texts, st.integers(), st.floats(), st.booleans()), "b": texts}),
)


@hostile
@given(st.one_of(bodies, usual), st.sampled_from(SETTINGS))
def test_any_message(python2, body, settings):
    known = {
        "source_bucket": settings.source_bucket,
        "cores": 1,
        "command": settings.command,
        "inputs": list(settings.input),
        "output": settings.output,
        "job_name": settings.job_name,
    }
    assert python2(do="begin", body=body, settings=known) == begin(body, settings)


@hostile
@given(st.lists(templates, max_size=3), texts, st.lists(keys, max_size=6))
def test_any_key(python2, templates, value, keys):
    try:
        patterns = [inputs.pattern(template, {"x": value}) for template in templates]
        found = inputs.sources(inputs.SourceBucket(Listing(keys), "bucket"), patterns)
        expected = sorted([source.name, source.key] for source in found)
    except (ValueError, JobProblem):
        expected = "refused"
    assert python2(do="place", templates=templates, value=value, keys=keys) == expected
