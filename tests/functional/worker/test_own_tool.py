"""A worker with an own tool.py: inputs that depend on what stands in the bucket, a judgement of its own."""

import pytest

from tests.functional.worker.rig import Rig

TOOL = """
from pathlib import Path

from worker.inputs import Source


def inputs(job):
    names = job.source.read("lists/" + job["list"]).decode().split()
    return [Source("images/" + name, "images/" + name) for name in names]


def command(job):
    Path(job.scratch, "told").write_text(job["told"])
    script = 'cd "$0" && find . -type f | sort > "$1"/found'
    return ["sh", "-c", script, job.input, job.output], {}


def failure(job):
    told = Path(job.scratch, "told").read_text()
    return "" if told == "well" else "it told " + told
"""


@pytest.fixture
def rig(moto, unique, tmp_path):
    (tmp_path / "tool.py").write_text(TOOL)
    made = Rig(moto, unique, tmp_path, retries=2)
    for key in ("images/a.tif", "images/b.tif", "images/c.tif"):
        made.put(key)
    made.put("lists/first", b"a.tif c.tif")
    yield made
    made.close()


def work(rig):
    return rig.work(TOOL_FILE=rig.folder / "tool.py")


def test_what_is_downloaded_may_stand_in_an_object_and_keeps_its_path(rig):
    rig.send({"list": "first", "told": "well"})
    work(rig)
    assert rig.results() == {"results/first-well/found": "./images/a.tif\n./images/c.tif\n"}
    assert rig.outcomes() == ["SUCCESS"]


def test_a_tool_that_ended_with_0_may_have_failed_and_nothing_is_uploaded(rig):
    rig.send({"list": "first", "told": "badly"})
    work(rig)
    assert rig.results() == {}
    assert [(entry["outcome"], entry["reason"]) for entry in rig.ledger()] == [
        ("TOOL_FAILED", "it told badly"),
        ("TOOL_FAILED", "it told badly"),
    ]


def test_a_list_that_is_not_there_is_a_problem_of_the_inputs(rig):
    rig.send({"list": "second", "told": "well"})
    work(rig)
    assert set(rig.outcomes()) == {"INPUT_PROBLEM"}
    assert f"there is no s3://{rig.name}/lists/second" in rig.ledger()[0]["reason"]


def test_a_tool_py_with_a_mistake_ends_the_worker_with_a_sentence(rig):
    (rig.folder / "tool.py").write_text("import no_such_library\n")
    worker = rig.start(TOOL_FILE=rig.folder / "tool.py")
    printed, _ = worker.communicate(timeout=60)
    assert worker.returncode == 2
    assert "The worker cannot start: " in printed
    assert "tool.py, line 1: ModuleNotFoundError" in printed
    assert "Traceback" not in printed
