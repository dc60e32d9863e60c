"""An image whose only Python is 2.7: the worker runs on it, and a tool.py in that Python."""

import json
import subprocess

import pytest

from tests.end_to_end.conftest import CHECKOUT
from tests.functional.conftest import moto, unique  # noqa: F401 - fixtures
from tests.functional.worker.rig import Rig

TOOL = """python2.7 -c "import sys; print sys.version.split()[0], repr(sys.argv[1])" {n}"""


# Python 3 cannot even compile it.
TOOL_PY = """
import sys

from worker.api import fill_command


def command(job):
    print "tool.py in", sys.version_info[:2]
    return fill_command(job.environment.command, job.values)
"""


@pytest.fixture(scope="module")
def image(only_python2, build):
    """The worker on that image, with a tool.py that runs in the image's Python."""
    name = "rehearsal/python2:shim"
    told = build(
        only_python2, name, "python2.7 tool.py {n}", "--check", own_tool=TOOL_PY, tool_python="python2.7"
    )
    assert "; tool.py runs in python2.7 (2.7.18)" in told
    return name


@pytest.fixture
def rig(moto, unique, tmp_path):  # noqa: F811 - fixtures
    made = Rig(moto, unique, tmp_path, visibility=10)
    yield made
    made.close()


def done_in(engine, rig, image, tool_python=""):
    """What the container and a job's log say after a container of the image has done two jobs."""
    for n in ("it's 1", "2"):
        rig.send({"n": n})
    variables = rig.environment(TOOL, JOB_NAME="{n}", DOCKER_CORES=2, SECONDS_TO_START=0)
    variables["TOOL_PYTHON"] = tool_python
    variables["WORK_FOLDER"] = "/home/ubuntu"
    container = engine.containers.run(image, environment=variables, network_mode="host", detach=True)
    try:
        code = container.wait(timeout=120)["StatusCode"]
        said = container.logs().decode()
        assert code == 0, said
    finally:
        container.remove(force=True, v=True)
    assert rig.outcomes() == ["SUCCESS", "SUCCESS"]
    return said, rig.job_log("it's 1")


def test_there_is_no_other_python(engine, only_python2):
    told = engine.containers.run(
        only_python2, ["sh", "-c", "command -v python3 || python2.7 --version 2>&1"], remove=True
    )
    assert told.decode().startswith("Python 2.7")


def test_the_worker_runs_on_it(engine, rig, only_python2, build):
    build(only_python2, "rehearsal/python2:worker", "python2.7 tool.py {n}", "--check")
    _, log = done_in(engine, rig, "rehearsal/python2:worker")
    assert """2.7.18 "it's 1\"""" in log


def test_tool_py_runs_in_its_python(engine, rig, image):
    said, log = done_in(engine, rig, image, "python2.7")
    assert """2.7.18 "it's 1\"""" in log
    assert "tool.py in (2, 7)" in said


def test_a_rehearsal_with_docker_runs_it_there_too(shell, image, tmp_path):
    settings = (
        f"\nDOCKERHUB_TAG = {image!r}\nCOMMAND = 'touch {{output}}/{{Name}}'\nTOOL_PYTHON = 'python2.7'\n"
    )
    (tmp_path / "config.py").write_text((CHECKOUT / "config.py").read_text() + settings)
    (tmp_path / "tool.py").write_text(TOOL_PY)
    (tmp_path / "job.json").write_text(json.dumps({"groups": [{"Name": "a"}, {"Name": "b"}]}))
    rehearsal = ("local", tmp_path / "job.json", "--docker", "--bucket", tmp_path / "bucket")
    assert "2 jobs done" in shell.run("--config", tmp_path / "config.py", *rehearsal)


def test_the_makefile_s_dockerfile_adds_the_shim(engine, image):
    """What `make` in python2worker/ does after worker/Makefile."""
    folder = CHECKOUT / "python2worker"
    engine.images.build(
        path=str(folder), tag="rehearsal/python2:make", buildargs={"WORKER_IMAGE": image}, rm=True
    )
    shim = "/opt/distributed-something/python2worker/shim.py"
    said = engine.containers.run("rehearsal/python2:make", entrypoint=["cat", shim], command=[], remove=True)
    assert said == (folder / "shim.py").read_bytes()
    planned = subprocess.run(
        ["make", "-n", "-C", str(folder), "TOOL_IMAGE=tool:1"], stdout=subprocess.PIPE, text=True, check=True
    )
    assert "--build-arg TOOL_IMAGE=tool:1" in planned.stdout
    assert "--build-arg WORKER_IMAGE=user/distributed-something:sometag ." in planned.stdout


@pytest.mark.parametrize(
    ("python", "told"),
    [
        ("python2.6", "TOOL_PYTHON = 'python2.6': there is no such program here"),
        ("/bin/true", "TOOL_PYTHON = '/bin/true' is not a Python that works"),
    ],
)
def test_check_tells_of_an_unknown_tool_python(only_python2, build, python, told):
    options = {"own_tool": TOOL_PY, "tool_python": python, "code": 2}
    printed = build(only_python2, "rehearsal/python2:unknown", "python2.7 tool.py {n}", "--check", **options)
    assert f"The worker does not start in rehearsal/python2:unknown: {told}" in printed
    assert "Traceback" not in printed


def test_check_tells_of_a_mistake_in_tool_py(only_python2, build):
    options = {"own_tool": "import no_such_library\n", "tool_python": "python2.7", "code": 2}
    printed = build(only_python2, "rehearsal/python2:mistake", "python2.7 tool.py {n}", "--check", **options)
    assert "own_tool.py, line 1: ImportError: No module named no_such_library" in printed
    assert "Traceback" not in printed


def test_sigterm_ends_both_workers_of_the_container_in_order(engine, rig, image):
    from tests.waiting import wait_until

    for n in range(2):
        rig.send({"n": n})
    settings = {"DOCKER_CORES": 2, "SECONDS_TO_START": 0, "TOOL_PYTHON": "python2.7"}
    variables = {**rig.environment("sleep 600", **settings), "WORK_FOLDER": "/home/ubuntu"}
    container = engine.containers.run(image, environment=variables, network_mode="host", detach=True)
    try:
        wait_until(lambda: rig.counts() == (0, 2), "two workers are busy")
        container.kill("SIGTERM")
        wait_until(lambda: rig.counts() == (2, 0), "both messages are visible")
        assert container.wait(timeout=60)["StatusCode"] == 0
    finally:
        container.remove(force=True, v=True)
