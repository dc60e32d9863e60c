"""buildImage on a real engine: any image gets the worker, and what cannot be is one sentence."""

import json
import re
import shutil
import socket
import subprocess

import pytest

from tests.docker.conftest import LOCAL_CERTIFICATES, derive, lacking
from tests.end_to_end.conftest import CHECKOUT
from tests.waiting import listens, wait_until

LIMIT_MB = 120


def test_the_worker_is_small_and_the_check_finds_the_tool(engine, base, build):
    printed = build(base, "rehearsal/debian:worker", "cat {n}", "--check")
    added = int(re.search(r"and (\d+) MB of worker", printed).group(1))
    assert added < LIMIT_MB
    assert "The tool is /usr/bin/cat in the image, and the worker starts (boto3 " in printed
    assert "To push it:  docker push rehearsal/debian:worker" in printed
    assert "COPY --from=runtime" in printed
    history = json.dumps(engine.images.get("rehearsal/debian:worker").history())
    for path in LOCAL_CERTIFICATES.glob("*.crt"):
        assert path.read_text().splitlines()[1] not in history


def test_an_image_without_package_manager_python_or_c_library(engine, bare, build):
    printed = build(bare, "rehearsal/bare:worker", "cat {n}", "--check")
    assert "The tool is /bin/cat in the image, and the worker starts" in printed


def test_the_tool_sees_nothing_of_the_worker(engine, bare, build):
    """Neither on its path nor in its libraries; its user and its folder stay."""
    derive(engine, "rehearsal/user:1", f"FROM {bare}\nWORKDIR /data\nUSER 1234\nENV PYTHONHOME=/nowhere\n")
    build("rehearsal/user:1", "rehearsal/user:worker", "cat {n}", "--check")
    config = engine.images.get("rehearsal/user:worker").attrs["Config"]
    assert (config["User"], config["WorkingDir"]) == ("1234", "/data")
    told = engine.containers.run(
        "rehearsal/user:worker",
        entrypoint=["sh", "-c"],
        command=["'id' -u; echo $PATH; ls /home"],
        remove=True,
    )
    user, path, homes = told.decode().split("\n")[:3]
    assert user == "1234"
    assert "distributed-something" not in path
    assert homes == "ubuntu"


OWN_TOOL = """
def command(job):
    return ["sh", "-c", 'echo hello > "$0"/told', job.output], {}

def output(job):
    return "mine/" + job.name
"""


def test_a_tool_py_beside_config_py_goes_into_the_image(bare, build, shell, tmp_path):
    printed = build(bare, "rehearsal/own:worker", "sh", "--check", own_tool=OWN_TOOL)
    assert "tool.py goes into the image" in printed
    assert "The tool is /bin/sh in the image, and the worker starts" in printed
    settings = "\nDOCKERHUB_TAG = 'rehearsal/own:worker'\nCOMMAND = 'sh'\n"
    (tmp_path / "config.py").write_text((CHECKOUT / "config.py").read_text() + settings)
    (tmp_path / "job.json").write_text('{"groups": [{"Name": "a"}, {"Name": "b"}]}')
    bucket = tmp_path / "bucket"
    rehearsal = ("local", tmp_path / "job.json", "--docker", "--bucket", bucket)
    assert "2 jobs done" in shell.run("--config", tmp_path / "config.py", *rehearsal)
    assert [(bucket / "mine" / name / "told").read_text() for name in "ab"] == ["hello\n"] * 2


def test_a_tool_py_with_a_mistake_is_told_and_nothing_is_built(bare, build):
    printed = build(bare, "rehearsal/never:worker", "sh", code=2, own_tool="import no_such_library\n")
    assert "tool.py, line 1: ModuleNotFoundError" in printed
    assert "Traceback" not in printed


def test_a_program_that_is_not_in_the_image_is_told(bare, build):
    printed = build(bare, "rehearsal/bare:worker", "bowtie9 {n}", "--check", code=2)
    assert "The program 'bowtie9' of COMMAND is not in rehearsal/bare:worker" in printed
    assert "Traceback" not in printed


def test_an_image_that_does_not_exist_is_told(build):
    printed = build("rehearsal/nothing:9", "rehearsal/x:1", code=2)
    assert "There is no image rehearsal/nothing:9 here, and it cannot be pulled" in printed
    assert "Traceback" not in printed


def test_a_push_that_is_refused_is_told(bare, build):
    printed = build(bare, "127.0.0.1:9/nobody/x:1", "cat {n}", "--push", code=2)
    assert "127.0.0.1:9/nobody/x:1 was not pushed" in printed
    assert "docker login" in printed
    assert "Traceback" not in printed


@pytest.fixture
def registry(tmp_path):
    """The address of a registry of our own, on this computer."""
    program = shutil.which("docker-registry")
    if program is None:
        lacking("there is no docker-registry (Debian's package of that name)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    storage = {"filesystem": {"rootdirectory": str(tmp_path / "registry")}}
    settings = {"version": 0.1, "storage": storage, "http": {"addr": address}}
    (tmp_path / "registry.json").write_text(json.dumps(settings))  # JSON is YAML
    process = subprocess.Popen(
        [program, "serve", str(tmp_path / "registry.json")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: listens(port), "the registry listens")
    yield address
    process.terminate()
    process.wait()


def test_what_was_pushed_can_be_pulled(engine, bare, build, registry):
    tag = f"{registry}/me/tool:1"
    printed = build(bare, tag, "cat {n}", "--push")
    assert f"{tag} is pushed" in printed
    identity = engine.images.get(tag).id
    engine.images.remove(tag)
    assert engine.images.pull(tag).id == identity
    engine.images.remove(tag)


def test_an_image_for_other_processors_is_told(engine, bare):
    from distributed_something import docker_engine
    from distributed_something.errors import UserError

    found = engine.images.get(bare)
    found.attrs["Architecture"] = "s390x"
    with pytest.raises(UserError, match="is made for s390x, and this computer is "):
        docker_engine.refuse_other_architecture(engine, found, bare)


def test_no_engine_is_told(monkeypatch):
    pytest.importorskip("docker")
    from distributed_something import docker_engine
    from distributed_something.errors import UserError

    monkeypatch.setenv("DOCKER_HOST", "unix:///tmp/no-engine.sock")
    with pytest.raises(UserError, match="No Docker engine answers .* see that `docker ps` works"):
        docker_engine.connect()
