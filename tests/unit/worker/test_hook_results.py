"""What a function of tool.py may return; anything else is a sentence that names the function and the type."""

from pathlib import Path

import pytest

from tests import interpreters
from worker import hook_results, tool_loader
from worker.hook_results import WrongResult
from worker.inputs import Pattern, Source

GOOD = [
    ("name", "'x'", "x"),
    ("output", "u'results/\\u00e9'", "results/é"),
    ("failure", "None", ""),
    ("failure", "'why'", "why"),
    ("is_done", "True", True),
    ("inputs", "[]", []),
    ("inputs", "['in/a.tif']", [Pattern(("in/a.tif",))]),
    ("inputs", "'in/'", [Pattern(("in/",))]),
    ("inputs", "('in/*.tif', api.Source('in/b', 'b'))", [Pattern(("in/", ".tif")), Source("in/b", "b")]),
    ("inputs", "api.Source('in/b', 'b')", [Source("in/b", "b")]),
    ("inputs", "(key for key in ['a', 'b'])", [Pattern(("a",)), Pattern(("b",))]),
    ("inputs", "['in/{Plate}']", [Pattern(("in/{Plate}",))]),
    ("command", "(['tool', 'x'], {'A': 'b'})", (["tool", "x"], {"A": "b"})),
    ("command", "api.Filled(('tool',), {})", (["tool"], {})),
]
BAD = [
    ("name", "None", "name() returned a value of type NoneType; it must return text"),
    ("name", "5", "name() returned a value of type int"),
    ("output", "['x']", "output() returned a value of type list"),
    ("failure", "True", "failure() returned a value of type bool"),
    ("is_done", "None", "is_done() returned a value of type NoneType; it must return True or False"),
    ("is_done", "3", "is_done() returned a value of type int"),
    ("inputs", "None", "inputs() returned a value of type NoneType; it must return keys, folders"),
    ("inputs", "7", "inputs() returned a value of type int"),
    ("inputs", "{'a': 'b'}", "inputs() returned a value of type dict"),
    ("inputs", "object()", "inputs() returned a value of type object"),
    ("inputs", "['a', 7]", "inputs() returned a value of type list that holds a value of type int"),
    ("inputs", "[('a', 'b')]", "inputs() returned a value of type list that holds a value of type tuple"),
    ("inputs", "[api.Source('a', None)]", "returned a Source that holds a value of type NoneType"),
    ("inputs", "['']", "inputs() returned an empty text, which would mean the whole bucket"),
    ("command", "None", "command() returned a value of type NoneType; it must return a list of arguments"),
    ("command", "'tool x'", "command() returned a value of type str"),
    ("command", "['tool', 'x']", "command() returned a value of type list of 2 (str, str)"),
    ("command", "['tool']", "command() returned a value of type list of 1 (str)"),
    ("command", "([], {})", "command() returned an empty list of arguments"),
    ("command", "(['tool', 5], {})", "command() returned arguments with a value of type int among them"),
    ("command", "(['tool'], {'A': None})", "arguments with a value of type NoneType among them"),
]
OUTSIDE = ["'../x'", "'/etc/passwd'", "['a/../../b']", "'*/../x'"]


@pytest.fixture(params=["own", "2.7", "3.7"])
def returned(request, tmp_path):
    """A function: what the worker makes of what a function of tool.py returns."""
    python = "" if request.param == "own" else interpreters.needed(request.param)
    tools = []

    def returned(name, code):
        path = tmp_path / "tool.py"
        path.write_text(f"from worker import api\ndef {name}(job, *objects):\n    return {code}\n")
        tools.append(tool_loader.load(str(path), python))
        return hook_results.checked(name, getattr(tools[-1], name)(a_job()))

    yield returned
    for tool in tools:
        tool.close()


def a_job():
    from tests.unit.worker.test_tool_shim import job

    return job()


def test_what_it_may_be(returned):
    for name, code, expected in GOOD:
        assert returned(name, code) == expected, code


def test_anything_else_is_one_sentence(returned):
    for name, code, told in BAD:
        with pytest.raises(WrongResult) as wrong:
            returned(name, code)
        # Python 2 has a name of its own for text.
        assert told in str(wrong.value).replace("unicode", "str"), code
        assert str(wrong.value).startswith(f"tool.py: {name}() returned ")


def test_an_input_outside_of_the_bucket_is_refused(returned):
    for code in OUTSIDE:
        with pytest.raises(ValueError, match="would leave the bucket"):
            returned("inputs", code)


@pytest.mark.parametrize("returned", ["2.7"], indirect=True)
def test_bytes_of_python_2_are_text_when_they_are_utf_8(returned):
    assert returned("name", "'caf\\xc3\\xa9'") == "café"
    with pytest.raises(WrongResult, match=r"a value of type str \(not valid UTF-8\)"):
        returned("name", "'caf\\xe9'")


@pytest.mark.parametrize("returned", ["own", "3.7"], indirect=True)
def test_paths_are_arguments_and_bytes_are_not(returned):
    code = "(['tool', __import__('pathlib').Path('/in', 'a')], {})"
    assert returned("command", code) == (["tool", str(Path("/in", "a"))], {})
    with pytest.raises(WrongResult, match="among them"):
        returned("command", "(['tool', b'x'], {})")
