"""A tool.py in Python 2.7 gets any message whole, and makes of it what the worker itself makes of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import interpreters
from tests.functional.worker.conftest import EVERY_FUNCTION
from tests.unit.hostile.test_job_files import SETTINGS, environment
from tests.unit.hostile.test_messages import Listing, bodies, keys
from tests.unit.hostile.values import hostile, texts, written
from worker import default_tool, hook_results, inputs, job, tool_loader
from worker.attempt_record import JobProblem
from worker.protocol import placeholders

ECHO = """
import json

from worker.api import Source


def failure(job):
    return json.dumps([job.message, job.values])


def inputs(job):
    return [Source(key, u"x" + key) for key in job.source.keys(u"")]
"""


@pytest.fixture(scope="module")
def python2(tmp_path_factory):
    """A function that loads a tool.py of this text."""
    tools = []

    def load(text):
        path = tmp_path_factory.mktemp("python2") / "tool.py"
        path.write_text(text, encoding="utf-8")
        tools.append(tool_loader.load(str(path), interpreters.needed("2.7")))
        return tools[-1]

    yield load
    for tool in tools:
        tool.close()


@pytest.fixture(scope="module")
def every_function(python2):
    return python2(EVERY_FUNCTION)


@pytest.fixture(scope="module")
def echo(python2):
    return python2(ECHO)


def begin(tool, body, settings):
    """What the functions of a tool make of a message."""
    try:
        found = job.parse(body, 1, environment(settings), None)
        found.place(job=tool.name(found), input="/in", output="/out")
        prefix = placeholders.safe_prefix(tool.output(found))
        wanted = hook_results.checked("inputs", tool.inputs(found))
        return [found.name, prefix, wanted, tool.command(found)]
    except (ValueError, JobProblem):
        return "refused"


usual = st.builds(
    lambda group: written({"group": group}),
    st.fixed_dictionaries({"a": st.one_of(texts, st.integers(), st.floats(), st.booleans()), "b": texts}),
)


@hostile
@given(body=st.one_of(bodies, usual), settings=st.sampled_from(SETTINGS))
def test_any_message(every_function, body, settings):
    assert begin(every_function, body, settings) == begin(default_tool, body, settings)


@hostile
@given(body=st.one_of(bodies, usual))
def test_a_job_comes_back_as_it_went(echo, body):
    try:
        found = job.parse(body, 1, environment(SETTINGS[0]), None)
    except JobProblem:
        return
    message, values = json.loads(echo.failure(found))
    assert (message, values) == (found.message, found.values)
    assert list(message["group"]) == list(found.message["group"]), "in the job file's order"


@hostile
@given(st.lists(keys, max_size=6))
def test_any_key(echo, keys):
    found = job.parse('{"group": {}}', 1, environment(SETTINGS[0]), inputs.SourceBucket(Listing(keys), "b"))
    assert echo.inputs(found) == [inputs.Source(key, "x" + key) for key in found.source.keys("")]
