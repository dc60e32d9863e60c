"""A tool.py in another Python: whatever it does, the worker gets an answer or a sentence, and goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import worker.api
from tests import interpreters
from tests.waiting import wait_until
from worker import job as jobs
from worker import settings, tool_loader, tool_shim
from worker.attempt_record import INPUT_PROBLEM, INTERRUPTED, TIMEOUT, JobProblem
from worker.inputs import Pattern, Source
from worker.process_table import lives
from worker.tool_process import Limits
from worker.tool_shim import FunctionFailed, ToolProblem

CHECKOUT = Path(__file__).resolve().parents[3]
ENVIRONMENT = settings.read(
    {
        "APP_NAME": "app",
        "AWS_REGION": "us-east-1",
        "AWS_BUCKET": "bucket",
        "SQS_QUEUE_URL": "url",
        "LOG_GROUP_NAME": "app",
        "COMMAND": "tool {Plate}",
        "INPUT": "in/{Plate}/*.tif",
    }
)


class Bucket:
    """SOURCE_BUCKET with some objects."""

    name = "bucket"

    def read(self, key):
        if key == "broken":
            raise OSError("connection reset")
        if key != "é💥":
            raise JobProblem(INPUT_PROBLEM, f"there is no s3://bucket/{key}")
        return b"\x00\xff caf\xe9"

    def keys(self, prefix):
        yield from (f"{prefix}{number}" for number in range(2500))


@pytest.fixture(params=["2.7", "3.7", "newest"])
def python(request):
    return sys.executable if request.param == "newest" else interpreters.needed(request.param)


@pytest.fixture
def load(python, tmp_path):
    """A function that loads a tool.py of this text."""
    tools = []

    def load(text):
        path = tmp_path / "tool.py"
        path.write_text("# -*- coding: utf-8 -*-\n" + text, encoding="utf-8")
        tools.append(tool_loader.load(str(path), python))
        return tools[-1]

    yield load
    for tool in tools:
        tool.close()


def job(stopped=lambda: "", seconds=60.0):
    made = jobs.parse('{"kind": "é💥", "group": {"Plate": "P1", "n": 1}}', 1, ENVIRONMENT, Bucket())
    late = JobProblem(TIMEOUT, "too late")
    made.limits = lambda what: Limits(time.monotonic() + seconds, late, stopped, lambda: None)
    return made


def test_the_functions_of_tool_py_are_called_and_the_others_are_the_worker_s(load):
    tool = load("def name(job):\n    return u'ü' + job['kind'] + str(job['n'])\n")
    assert tool.name(job()) == "üé💥1"
    assert tool.command(job()).argv == ["tool", "P1"]


def test_it_finds_the_same_worker_api(load):
    tool = load(
        "import json, worker.api\ndef name(job):\n    return json.dumps(vars(worker.api), default=repr)\n"
    )
    names = set(json.loads(tool.name(job())))
    assert {name for name in names if not name.startswith("__")} == set(worker.api.__all__)


def test_a_job_has_the_same_attributes(load):
    tool = load("def name(job):\n    return ' '.join(key for key in vars(job) if key[0] != '_')\n")
    assert set(tool.name(job()).split()) == set(vars(job())) - {"limits"}
    tool = load("def name(job):\n    return ' '.join(vars(job.environment))\n")
    assert set(tool.name(job()).split()) == {*vars(ENVIRONMENT), "bucket_folder", "ledger_log_group"}


def test_it_may_ask_the_worker(load):
    tool = load(
        """
from worker import api

def inputs(job):
    assert list(job.source.keys(u"a/"))[2499] == "a/2499"
    return [api.Source(u"é", "x")] + api.inputs(job) + [u"plain/*"]

def command(job):
    assert job.source.read(u"é💥") == b"\\x00\\xff caf\\xe9"
    assert api.job_name("", job.message) == "P1-1"
    job.values["more"] = "{" + api.fill("{Plate}", job.values) + u"} é"
    argv, environ = api.command(job)
    return api.Filled(argv + [job.values["more"]], environ)

def failure(job):
    job.source.read("nowhere")
"""
    )
    made = job()
    assert tool.inputs(made) == [Source("é", "x"), Pattern(("in/P1/", ".tif")), "plain/*"]
    assert tool.command(made).argv == ["tool", "P1", "{P1} é"]
    assert made.values["more"] == "{P1} é", "placeholders of the worker know it too"
    with pytest.raises(JobProblem) as told:
        tool.failure(made)
    assert (told.value.outcome, told.value.reason) == (INPUT_PROBLEM, "there is no s3://bucket/nowhere")


def test_what_the_worker_could_not_do_is_told_as_the_worker_tells_it(load):
    tool = load("def name(job):\n    job.source.read('broken')\n")
    with pytest.raises(FunctionFailed, match="^OSError: connection reset$"):
        tool.name(job())
    tool = load("from worker.api import fill\ndef name(job):\n    return fill('{Well}', job.values)\n")
    with pytest.raises(ValueError, match="the job has no key 'Well'"):
        tool.name(job())


def test_results_are_listed_no_further_than_they_are_looked_at(load):
    tool = load("def is_done(job, objects):\n    return any(size == 7 for name, size in objects)\n")
    taken = []

    def listing():
        for size in range(100_000):
            taken.append(size)
            yield f"é{size}", size

    assert tool.is_done(job(), listing()) is True
    assert len(taken) <= 1000


def test_what_one_function_keeps_the_next_one_of_the_same_job_finds(load):
    tool = load(
        """
def name(job):
    job.table, job.values["object"] = {1, 2}, object()
    return "x"

def output(job):
    return "%d %s" % (len(getattr(job, "table", ())), "object" in job.values)
"""
    )
    first = job()
    tool.name(first)
    assert tool.output(first) == "2 True"
    assert "object" not in first.values
    assert tool.output(job()) == "0 False"


def test_what_it_prints_is_no_answer(load, capfd):
    tool = load(
        """
import os, sys

def name(job):
    print(u"é {}")
    sys.stdout.write("no newline")
    sys.stdout.flush()
    os.write(1, b'\\xff\\xfe{"result": 1}\\n')
    os.system("echo of a child")
    return "x"
"""
    )
    assert tool.name(job()) == "x"
    printed = capfd.readouterr().out
    assert "é {}" in printed and "no newline" in printed and "of a child" in printed


@pytest.mark.parametrize(
    ("error", "text"),
    [("ValueError(u'no plate é')", "no plate é"), ("ValueError()", ""), ("UnicodeError('x')", "x")],
)
def test_a_value_error_stays_one(load, error, text):
    tool = load(f"def name(job):\n    raise {error}\n")
    with pytest.raises(ValueError) as told:
        tool.name(job())
    assert str(told.value) == text


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("job['Well']", "KeyError: 'Well'|KeyError: u'Well'"),
        ("raise RuntimeError(u'é')", "RuntimeError: é"),
        ("raise RuntimeError('é')", "RuntimeError: é"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("f = lambda: f()\n    f()", "Recursion(Error)?|RuntimeError: maximum recursion"),
    ],
)
def test_any_other_error_is_told_with_its_traceback(load, code, told):
    tool = load(f"def name(job):\n    {code}\n")
    with pytest.raises(FunctionFailed, match=told) as failed:
        tool.name(job())
    assert "tool.py" in failed.value.trace


def test_a_job_problem_keeps_all_that_it_says(load):
    tool = load(
        "from worker.api import JobProblem\ndef name(job):\n"
        "    raise JobProblem('OUTPUT_PROBLEM', u'bad é', exit_code=4, hopeless=True)\n"
    )
    with pytest.raises(JobProblem) as told:
        tool.name(job())
    problem = told.value
    assert (problem.outcome, problem.reason) == ("OUTPUT_PROBLEM", "bad é")
    assert (problem.exit_code, problem.hopeless) == (4, True)


FRAGILE = """
import os, signal, subprocess, sys, threading, time

def name(job):
    return str(os.getpid())

def output(job):
    os._exit(3)

def failure(job):
    os.kill(os.getpid(), signal.SIGSEGV)

def command(job):
    if os.fork() == 0:
        time.sleep(600)
    os._exit(4)

def inputs(job):
    time.sleep(600)
"""


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("output", r"ended in output\(\) of tool.py: exit 3"),
        ("failure", r"ended in failure\(\) of tool.py: killed by SIGSEGV"),
        ("command", r"ended in command\(\) of tool.py: exit 4"),
    ],
)
def test_one_that_dies_is_told_and_started_again(load, function, told):
    """Also when a copy of it keeps the socket open."""
    tool = load(FRAGILE)
    made = job()
    first = tool.name(made)
    with pytest.raises(FunctionFailed, match=told):
        getattr(tool, function)(made)
    second = tool.name(made)
    assert second != first
    assert second == tool.name(job()), "one process serves all jobs"


def test_one_that_was_killed_between_two_calls_is_started_again(load):
    tool = load(FRAGILE)
    first = int(tool.name(job()))
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: not alive(first), "it is dead")
    assert int(tool.name(job())) != first


def test_one_that_hangs_is_ended_at_the_deadline_and_when_the_worker_stops(load):
    tool = load(FRAGILE)
    first = int(tool.name(job()))
    with pytest.raises(JobProblem) as told:
        tool.inputs(job(seconds=0.3))
    assert told.value.outcome == TIMEOUT
    assert not lives(first)
    second = int(tool.name(job()))
    asked = []
    with pytest.raises(JobProblem) as told:
        tool.inputs(job(stopped=lambda: "told to stop" if len(asked) > 2 else asked.append(1) or ""))
    assert (told.value.outcome, told.value.reason) == (INTERRUPTED, "told to stop")
    assert not lives(second)


def test_one_that_does_not_even_read_is_ended(load):
    tool = load("import os, signal\ndef name(job):\n    os.kill(os.getpid(), signal.SIGSTOP)\n")
    made = job(seconds=1.0)
    made.values["large"] = "x" * 10_000_000
    with pytest.raises(JobProblem, match="too late"):
        tool.name(made)


def test_a_huge_answer_is_refused(load, monkeypatch):
    monkeypatch.setattr(tool_shim, "LONGEST_ANSWER", 10_000_000)
    tool = load("def name(job):\n    return 'x' * 20000000\ndef output(job):\n    return 'x' * 5000000\n")
    with pytest.raises(ValueError, match=r"name\(\) of tool.py returned more than 9 MB"):
        tool.name(job())
    assert tool.output(job()) == "x" * 5_000_000


LEAVES = """
import os, subprocess

def name(job):
    if os.fork() == 0:
        return "a copy that answers too"
    subprocess.Popen(["sleep", "600"], close_fds=False)
    return "%d %d" % (os.getpid(), subprocess.Popen(["sleep", "600"], close_fds=False).pid)
"""


def alive(process_id):
    """Whether it runs: one that waits to be collected does not."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_what_it_leaves_running_ends_with_it(load):
    tool = load(LEAVES)
    shim, child = map(int, tool.name(job()).split())
    assert list(map(int, tool.name(job()).split()))[0] == shim
    assert alive(child)
    begun = time.monotonic()
    tool.close()
    assert time.monotonic() - begun < 30
    wait_until(lambda: not alive(child) and not alive(shim), "all are gone")


def test_it_ends_with_a_worker_that_is_killed_whatever_it_is_doing(python, tmp_path):
    (tmp_path / "tool.py").write_text(
        "import os, time\ndef name(job):\n    open('pid', 'w').write(str(os.getpid()))\n    time.sleep(600)\n"
    )
    code = (
        "import sys; from worker import tool_loader; from tests.unit.worker import test_tool_shim as test; "
        "tool_loader.load(sys.argv[1], sys.argv[2]).name(test.job())"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "tool.py"), python],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        cwd=str(tmp_path),
    )
    pid = wait_until(
        lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "its function runs"
    )
    owner.kill()
    owner.wait()
    wait_until(lambda: not alive(int(pid)), "it is gone too")


def test_what_it_registered_for_its_end_is_run(load, tmp_path):
    tool = load(
        f"import atexit\natexit.register(lambda: open({str(tmp_path / 'end')!r}, 'w').close())\n"
        "def name(job):\n    return 'x'\n"
    )
    tool.close()
    assert (tmp_path / "end").exists()


def test_a_thread_of_it_can_ask_nothing_when_no_function_runs(load, tmp_path):
    tool = load(
        f"""
import threading, time

def later(job):
    time.sleep(0.3)
    try:
        job.source.read("x")
    except Exception as error:
        with open({str(tmp_path / "told")!r}, "w") as file:
            file.write(str(error))

def name(job):
    threading.Thread(target=later, args=(job,)).start()
    return "x"
"""
    )
    assert tool.name(job()) == "x"
    told = wait_until(
        lambda: (tmp_path / "told").exists() and (tmp_path / "told").read_text(), "the thread has asked"
    )
    assert "only while a function of tool.py runs" in told
    assert tool.name(job()) == "x"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def name(job:\n", r"tool.py, line 2: not valid Python [23]\.\d+: "),
        ("x = 1\n\ny = unknown\n", "tool.py, line 4: NameError: name 'unknown' is not defined"),
        ("import no_such_library\n", "tool.py, line 2: (ImportError|ModuleNotFoundError): No module named"),
        ("raise SystemExit(1)\n", "tool.py, line 2: SystemExit: 1"),
        ("name = 'x'\n", "tool.py: name must be a function, not a value of type str"),
        ("def nmae(job):\n    return 'x'\n", "tool.py: there is none of its functions: name, inputs"),
        ("import os\nos._exit(5)\n", "tool.py: .* ended in the loading of tool.py: exit 5"),
    ],
    ids=["syntax", "name", "import", "exit", "no function", "slip", "end"],
)
def test_a_mistake_is_told_with_its_place_before_anything_runs(load, text, told):
    with pytest.raises(ToolProblem, match=told):
        load(text)


@pytest.mark.parametrize(
    ("python", "told"),
    [
        ("python9", "TOOL_PYTHON = 'python9': there is no such program here"),
        ("/nowhere/python", "TOOL_PYTHON = '/nowhere/python': there is no such program here"),
        ("/tmp", "TOOL_PYTHON = '/tmp': there is no such program here"),
        ("true", "TOOL_PYTHON = 'true' is not a Python that works: true ended in its start: exit 0"),
        ("SCRIPT", "cannot be started: Exec format error"),
        ("HANGS", "has not answered in 1 s: is it a Python"),
    ],
)
def test_a_tool_python_that_is_none_is_told(tmp_path, monkeypatch, python, told):
    monkeypatch.setattr(tool_shim, "_START", 1.0)
    (tmp_path / "tool.py").write_text("def name(job):\n    return 'x'\n")
    scripts = {"SCRIPT": "\0\0", "HANGS": "#!/bin/sh\nsleep 600\n"}
    if python in scripts:
        (tmp_path / python).write_text(scripts[python])
        (tmp_path / python).chmod(0o755)
        python = str(tmp_path / python)
    with pytest.raises(ToolProblem, match=told):
        tool_loader.load(str(tmp_path / "tool.py"), python)


def test_an_unknown_tool_python_is_told_without_a_tool_py_too():
    with pytest.raises(ToolProblem, match="there is no such program here"):
        tool_loader.load("", "python9")
