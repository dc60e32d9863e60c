"""An image whose only Python is 2.7: both workers run on it."""

import io
import tarfile

import pytest

from tests.docker.conftest import LOCAL_CERTIFICATES
from tests.end_to_end.conftest import CHECKOUT
from tests.functional.conftest import moto, unique  # noqa: F401 - fixtures
from tests.functional.worker.rig import Rig

TOOL = """python2.7 -c "import sys; print sys.version.split()[0], repr(sys.argv[1])" {n}"""


@pytest.fixture(scope="module")
def python2worker(engine, only_python2):
    """python2worker/Dockerfile on that image."""
    certificates = "".join(path.read_text() for path in sorted(LOCAL_CERTIFICATES.glob("*.crt")))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(str(CHECKOUT / "python2worker"), arcname=".")
    packed.seek(0)
    engine.images.build(
        fileobj=packed,
        custom_context=True,
        tag="rehearsal/python2:own",
        network_mode="host",
        rm=True,
        buildargs={"TOOL_IMAGE": only_python2, "CA_CERTIFICATES": certificates},
    )
    return "rehearsal/python2:own"


@pytest.fixture
def rig(moto, unique, tmp_path):  # noqa: F811 - fixtures
    made = Rig(moto, unique, tmp_path, visibility=10)
    yield made
    made.close()


def done_in(engine, rig, image):
    """What the jobs' log says after a container of the image has done two of them."""
    for n in ("it's 1", "2"):
        rig.send({"n": n})
    variables = rig.environment(TOOL, JOB_NAME="{n}", DOCKER_CORES=2, SECONDS_TO_START=0)
    variables["WORK_FOLDER"] = "/home/ubuntu"
    container = engine.containers.run(image, environment=variables, network_mode="host", detach=True)
    try:
        code = container.wait(timeout=120)["StatusCode"]
        assert code == 0, container.logs().decode()
    finally:
        container.remove(force=True, v=True)
    assert rig.outcomes() == ["SUCCESS", "SUCCESS"]
    return rig.job_log("it's 1")


def test_there_is_no_other_python(engine, only_python2):
    told = engine.containers.run(
        only_python2, ["sh", "-c", "command -v python3 || python2.7 --version 2>&1"], remove=True
    )
    assert told.decode().startswith("Python 2.7")


def test_the_worker_for_python_2_runs_on_it(engine, rig, python2worker):
    assert """2.7.18 "it's 1\"""" in done_in(engine, rig, python2worker)


def test_the_worker_with_its_own_python_runs_on_it_too(engine, rig, only_python2, build):
    build(only_python2, "rehearsal/python2:worker", "python2.7 {n}", "--check")
    assert """2.7.18 "it's 1\"""" in done_in(engine, rig, "rehearsal/python2:worker")


def test_sigterm_ends_both_workers_of_the_container_in_order(engine, rig, python2worker):
    from tests.waiting import wait_until

    for n in range(2):
        rig.send({"n": n})
    variables = {**rig.environment("sleep 600", DOCKER_CORES=2), "WORK_FOLDER": "/home/ubuntu"}
    container = engine.containers.run(python2worker, environment=variables, network_mode="host", detach=True)
    try:
        wait_until(lambda: rig.counts() == (0, 2), "two workers are busy")
        container.kill("SIGTERM")
        wait_until(lambda: rig.counts() == (2, 0), "both messages are visible")
        assert container.wait(timeout=60)["StatusCode"] == 0
    finally:
        container.remove(force=True, v=True)
