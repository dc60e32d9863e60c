"""The worker's container on a real engine: it starts, stops as ECS stops it, and says what happened."""

import signal
import time

import pytest

from tests.end_to_end.conftest import CHECKOUT
from tests.functional.conftest import moto, unique  # noqa: F401 - fixtures
from tests.functional.worker.rig import Rig
from tests.waiting import wait_until

EXAMPLE = CHECKOUT / "files" / "exampleJob.json"
IMAGE = "rehearsal/bare:worker"
STOP_TIMEOUT = 110


@pytest.fixture
def rig(moto, unique, tmp_path):  # noqa: F811 - fixtures
    made = Rig(moto, unique, tmp_path, visibility=10)
    yield made
    made.close()


@pytest.fixture
def start(engine, bare, build, rig):
    """A function that starts a container of the worker's image, as a task definition would."""
    build(bare, IMAGE)
    started = []

    def start(command, **settings):
        settings = {"DOCKER_CORES": 1, "SECONDS_TO_START": 0, **settings}
        variables = {**rig.environment(command, **settings), "WORK_FOLDER": "/home/ubuntu"}
        container = engine.containers.run(IMAGE, environment=variables, network_mode="host", detach=True)
        started.append(container)
        return container

    yield start
    for container in started:
        container.remove(force=True, v=True)


def printed(container):
    return container.logs().decode()


def running(rig, job):
    return wait_until(
        lambda: "started" in " ".join(rig.job_log(job)) if streams(rig, job) else False, "the tool runs"
    )


def streams(rig, job):
    return rig.logs.describe_log_streams(logGroupName=rig.name, logStreamNamePrefix=job)["logStreams"]


def test_the_container_says_what_it_found_and_does_the_job(rig, start):
    rig.put("in/a", b"hello")
    rig.send({"n": "1"})
    container = start("sh -c 'cat {input}/a > {output}/b'", INPUT="in/", JOB_NAME="{n}")
    assert container.wait(timeout=60)["StatusCode"] == 0
    assert rig.results() == {"results/1/b": "hello"}
    first = printed(container).splitlines()[0]
    assert first.startswith(f"{rig.name}: 1 workers on ")
    assert "(no machine of EC2), region us-east-1, queue http" in first


def test_stopped_while_busy_the_message_is_visible_at_once_and_nothing_is_half_uploaded(rig, start):
    rig.send({"n": "1"})
    container = start("sh -c 'echo x > {output}/half; echo started; sleep 600'", JOB_NAME="job-{n}")
    running(rig, "job-1")
    begun = time.monotonic()
    assert rig.counts() == (0, 1)
    container.kill("SIGTERM")
    wait_until(lambda: rig.counts() == (1, 0), "the message is visible")
    seconds = time.monotonic() - begun
    assert container.wait(timeout=STOP_TIMEOUT)["StatusCode"] == 0
    assert rig.results() == {}
    assert rig.outcomes() == ["INTERRUPTED"]
    print(f"visible after {seconds:.2f} s, ended after {time.monotonic() - begun:.2f} s")


def test_killed_while_busy_the_job_is_done_by_another(rig, start):
    rig.send({"n": "1"})
    command = "sh -c 'if [ {attempt} = 1 ]; then echo started; sleep 600; fi; echo x > {output}/b'"
    first = start(command, JOB_NAME="job-{n}")
    running(rig, "job-1")
    first.kill("SIGKILL")
    second = start(command, JOB_NAME="job-{n}")
    assert second.wait(timeout=90)["StatusCode"] == 0
    assert rig.results() == {"results/job-1/b": "x\n"}


def test_several_workers_run_in_one_container(rig, start):
    for n in range(6):
        rig.send({"n": str(n)})
    container = start("sh -c 'echo x > {output}/b'", DOCKER_CORES=3)
    assert container.wait(timeout=60)["StatusCode"] == 0
    assert len(rig.results()) == 6
    assert "3 workers on" in printed(container)
    assert printed(container).count("Worker ends: the queue is empty") == 3


def test_the_machine_s_health_is_logged(rig, start):
    rig.logs.create_log_group(logGroupName=rig.name + "_perInstance")
    rig.send({"n": "1"})
    container = start("sleep 3", MONITOR_SECONDS="0.5", INSTANCE_ID="i-1")
    container.wait(timeout=60)
    lines = rig._events(rig.name + "_perInstance", "i-1")
    assert len(lines) >= 3
    assert '"disk_percent"' in lines[0]
    assert '"memory_percent"' in lines[0]


def test_what_the_container_lacks_is_one_sentence(start):
    container = start("cat", DOWNLOAD_FILES="False")
    assert container.wait(timeout=30)["StatusCode"] == 2
    assert "needs mount-s3 or s3fs in the image" in printed(container)


def config(tmp_path, **variables):
    text = (CHECKOUT / "config.py").read_text()
    for name, value in {"DOCKERHUB_TAG": IMAGE, "CLUSTER_MACHINES": 2, **variables}.items():
        text += f"\n{name} = {value!r}"
    (tmp_path / "config.py").write_text(text + "\n")
    return tmp_path / "config.py"


@pytest.fixture
def image(bare, build):
    build(bare, IMAGE)


def test_hello_world_through_local_docker(image, shell, engine, tmp_path):
    printed = shell.run(
        "--config", config(tmp_path), "local", EXAMPLE, "--docker", "--bucket", tmp_path / "data"
    )
    assert "3 jobs done, 0 skipped (done before), 0 failed" in printed
    assert (tmp_path / "data/greetings/World/greeting.txt").read_text() == "Hello, World\n"
    assert engine.containers.list(all=True, filters={"label": "distributed-something"}) == []


def test_a_program_that_is_not_in_the_image_fails_after_one_attempt(image, shell, tmp_path):
    path = config(tmp_path, COMMAND="bowtie9 {Name}")
    printed = shell.run("--config", path, "local", EXAMPLE, "--docker", "--bucket", tmp_path / "data", code=3)
    assert "3 failed; 3 attempts" in printed
    assert "the program 'bowtie9' of COMMAND is not in the image" in printed


def test_out_of_memory_is_told(image, shell, tmp_path):
    path = config(tmp_path, COMMAND="tail /dev/zero", MEMORY=100, JOB_RETRIES=1)
    printed = shell.run("--config", path, "local", EXAMPLE, "--docker", "--bucket", tmp_path / "data", code=3)
    assert "out of memory: the kernel ended the tool; raise MEMORY of config.py" in printed


def test_an_image_that_is_missing_is_told_before_anything_starts(engine, shell, tmp_path):
    path = config(tmp_path, DOCKERHUB_TAG="rehearsal/nothing:9")
    printed = shell.run("--config", path, "local", EXAMPLE, "--docker", "--bucket", tmp_path / "data", code=2)
    assert "There is no image rehearsal/nothing:9 here" in printed
    assert "Starting the emulated AWS" not in printed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_however_a_rehearsal_is_ended_it_leaves_no_container_behind(image, shell, engine, tmp_path, number):
    path = config(tmp_path, APP_NAME="Ended", COMMAND="sleep 600")
    run = shell.start("--config", path, "local", EXAMPLE, "--docker", "--bucket", tmp_path / "data")

    def containers():
        return engine.containers.list(
            all=True, ignore_removed=True, filters={"label": "distributed-something=Ended"}
        )

    wait_until(lambda: len(containers()) == 2, "two containers run")
    run.send_signal(number)
    run.communicate(timeout=60)
    wait_until(lambda: containers() == [], "no container is left")
