"""A worker with a tool.py, in its own Python and in 2.7: inputs that depend on what stands in the bucket,
a judgement of its own, and every way to go wrong.
"""

import signal

import pytest

from tests import interpreters
from tests.functional.worker.rig import PYTHON3, Rig
from tests.waiting import wait_until

TOOL = """
import os

from worker.api import Source


def inputs(job):
    names = job.source.read("lists/" + job["list"]).decode().split()
    return [Source("images/" + name, "images/" + name) for name in names]


def command(job):
    with open(os.path.join(job.scratch, "told"), "w") as file:
        file.write(job["told"])
    script = 'cd "$0" && find . -type f | sort > "$1"/found'
    return ["sh", "-c", script, job.input, job.output], {}


def failure(job):
    with open(os.path.join(job.scratch, "told")) as file:
        told = file.read()
    return "" if told == "well" else "it told " + told
"""


@pytest.fixture(params=["own", "2.7"])
def rig(request, moto, unique, tmp_path):
    (tmp_path / "tool.py").write_text(TOOL)
    python = "" if request.param == "own" else interpreters.needed(request.param)
    variables = {"TOOL_FILE": str(tmp_path / "tool.py"), "TOOL_PYTHON": python}
    made = Rig(moto, unique, tmp_path, retries=2, program={**PYTHON3, "variables": variables})
    for key in ("images/a.tif", "images/b.tif", "images/c.tif"):
        made.put(key)
    made.put("lists/first", b"a.tif c.tif")
    yield made
    made.close()


def work(rig, tool="", **settings):
    """Run a worker; ``tool``: another tool.py."""
    if tool:
        (rig.folder / "tool.py").write_text(tool)
    return rig.work(**settings)


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
    worker = rig.start()
    printed, _ = worker.communicate(timeout=60)
    assert worker.returncode == 2
    assert "The worker cannot start: " in printed
    assert "tool.py, line 1: " in printed and "Error: No module named" in printed
    assert "Traceback" not in printed


def test_plain_texts_of_inputs_are_a_key_a_folder_and_a_pattern(rig):
    rig.put("in/deep/{n}.csv")
    rig.put("in/star-x.csv")
    rig.send({"n": 1})
    work(
        rig,
        "def inputs(job):\n    return ['images/a.tif', 'in/deep/', 'in/star*.csv']\n",
        COMMAND="sh -c 'ls {input} > {output}/names'",
    )
    assert rig.results()["results/1/names"].split() == ["a.tif", "star-x.csv", "{n}.csv"]


@pytest.mark.parametrize("name", ["name", "inputs", "command", "output", "failure", "is_done"])
def test_a_function_that_returns_something_else_is_one_sentence_and_tried_once(rig, name):
    rig.send({"n": 1})
    tool = f"def {name}(job, objects=None):\n    return 5\n"
    printed = work(rig, tool, COMMAND="true", CHECK_IF_DONE_BOOL="True")
    (entry,) = rig.ledger()
    assert entry["reason"].startswith(f"tool.py: {name}() returned a value of type int; it must return ")
    assert len(rig.dead()) == 1
    assert "Traceback" not in printed


def test_a_value_error_is_for_good_and_any_other_error_is_a_failed_attempt(rig):
    rig.send({"n": 1})
    work(rig, "def command(job):\n    raise ValueError('no such plate')\n")
    rig.send({"n": 2})
    work(rig, "def command(job):\n    raise RuntimeError('no such reader')\n")
    told = [(entry["outcome"], entry["reason"]) for entry in rig.ledger()]
    assert (
        told == [("INPUT_PROBLEM", "no such plate")] + [("TOOL_FAILED", "RuntimeError: no such reader")] * 2
    )
    assert any("Traceback" in line for line in rig.job_log("2"))
    assert len(rig.dead()) == 2


def test_one_that_ends_its_process_is_a_failed_attempt_and_the_worker_goes_on(rig):
    """In the worker's own Python, os._exit would end the worker; sys.exit does not."""
    rig.send({"n": 1})
    exits = "os._exit(3)" if rig.program["variables"]["TOOL_PYTHON"] else "raise SystemExit(3)"
    tool = f"import os\ndef command(job):\n    if job.attempt == 1:\n        {exits}\n"
    work(rig, tool + "    return ['true'], {}\n")
    assert rig.outcomes() == ["TOOL_FAILED", "SUCCESS"]
    assert rig.ledger()[0]["reason"].endswith(("ended in command() of tool.py: exit 3", "SystemExit: 3"))


@pytest.mark.parametrize("rig", ["2.7"], indirect=True)
def test_sigterm_gives_the_job_back_while_a_function_hangs(rig):
    rig.send({"n": 1})
    (rig.folder / "tool.py").write_text(
        "import time\ndef command(job):\n    open('running', 'w').close()\n    time.sleep(600)\n"
    )
    rig.visibility = 600
    worker = rig.start()
    rig.await_file("running", "the function runs")
    worker.send_signal(signal.SIGTERM)
    wait_until(lambda: rig.counts() == (1, 0), "the message is visible")
    assert worker.wait(timeout=30) == 0
    assert rig.outcomes() == ["INTERRUPTED"]


@pytest.mark.parametrize("rig", ["2.7"], indirect=True)
def test_a_function_that_hangs_is_ended_after_job_timeout(rig):
    rig.send({"n": 1})
    work(rig, "import time\ndef command(job):\n    time.sleep(600)\n", JOB_TIMEOUT=1)
    assert rig.outcomes() == ["TIMEOUT"] * 2
    assert rig.ledger()[0]["reason"] == "command() of tool.py ran longer than JOB_TIMEOUT = 1 s"


@pytest.mark.parametrize("rig", ["own"], indirect=True)
def test_an_unknown_tool_python_ends_the_worker_with_a_sentence(rig):
    worker = rig.start(TOOL_PYTHON="python9")
    printed, _ = worker.communicate(timeout=60)
    assert worker.returncode == 2
    assert printed.startswith(
        "The worker cannot start: TOOL_PYTHON = 'python9': there is no such program here"
    )
    assert "Traceback" not in printed
