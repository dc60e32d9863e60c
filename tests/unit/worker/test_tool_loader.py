"""An own tool.py: its functions replace the worker's, what it leaves out stays, mistakes are told."""

import re
from pathlib import Path

import pytest

import worker.api
from distributed_something.config import tool_module
from distributed_something.errors import UserError
from worker import default_tool, tool_loader


def write(folder, text):
    path = folder / "tool.py"
    path.write_text(text)
    return path


def test_without_an_own_tool_the_functions_are_the_worker_s():
    assert all(
        getattr(tool_loader.load(), name) is getattr(default_tool, name) for name in tool_loader.FUNCTIONS
    )


def test_what_it_has_replaces_and_what_it_leaves_out_stays(tmp_path):
    path = write(tmp_path, "from worker.api import name\n\ndef output(job):\n    return 'mine'\n")
    functions = tool_loader.load(str(path))
    assert functions.output(None) == "mine"
    assert functions.command is default_tool.command
    assert default_tool.output.__module__ == "worker.default_tool"


def test_it_may_use_dataclasses_and_leaves_nothing_beside_it(tmp_path):
    text = "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass Well:\n"
    tool_loader.load(str(write(tmp_path, text + "    row: str\ndef name(job):\n    return Well('A').row\n")))
    assert [path.name for path in tmp_path.iterdir()] == ["tool.py"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def name(job:\n", "tool.py, line 1: this is no Python"),
        ("x = 1\n\ny = unknown\n", "tool.py, line 3: NameError: name 'unknown' is not defined"),
        ("import no_such_library\n", "tool.py, line 1: ModuleNotFoundError"),
        (
            "def nmae(job):\n    return 'x'\n",
            "tool.py: there is none of its functions: name, inputs, command",
        ),
    ],
    ids=["syntax", "name", "import", "slip"],
)
def test_a_mistake_is_told_with_its_place_before_anything_runs(tmp_path, text, told):
    write(tmp_path, text)
    with pytest.raises(UserError) as error:
        tool_module.find_tool_module(tmp_path / "config.py")
    assert told in str(error.value)


def test_contracts_md_has_every_name_that_a_tool_py_may_import():
    page = (Path(__file__).resolve().parents[3] / "documentation" / "contracts.md").read_text(
        encoding="utf-8"
    )
    assert [name for name in worker.api.__all__ if not re.search(rf"`{name}[`(]", page)] == []


def test_it_is_looked_for_beside_config_py_only(tmp_path):
    assert tool_module.find_tool_module(None) is None
    assert tool_module.find_tool_module(tmp_path / "config.py") is None
    path = write(tmp_path, "def name(job):\n    return 'x'\n")
    assert tool_module.find_tool_module(tmp_path / "config.py") == path.resolve()
