"""How the machine is, and how the account sees it."""

from pathlib import Path

import pytest

from worker import memory_limit
from worker.container.instance import partition
from worker.container.instance_health import InstanceHealth, cpu_times, memory_megabytes, percent, warnings
from worker.container.supervisor import ContainerProblem, mount, what_was_found

STAT = "cpu  100 10 50 800 40 0 5 5 0 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n"
MEMINFO = "MemTotal:       16384000 kB\nMemFree:          100000 kB\nMemAvailable:    1228800 kB\n"
WELL = {"disk_percent": 50.0, "inodes_percent": 5.0, "memory_percent": 40.0}


def test_waiting_for_a_disk_is_no_work():
    assert cpu_times(STAT) == (170, 1010)


def test_memory_is_what_is_available_and_not_what_is_free():
    assert memory_megabytes(MEMINFO) == (16000, 1200)


@pytest.mark.parametrize(("part", "whole", "result"), [(1, 3, 33.3), (0, 0, 0.0), (5, 5, 100.0)])
def test_percents(part, whole, result):
    assert percent(part, whole) == result


def test_this_machine_can_be_measured(tmp_path):
    if not Path("/proc/meminfo").exists():
        pytest.skip("the figures are read from /proc")
    health = InstanceHealth(str(tmp_path))
    measured = health.measure()
    for name, value in measured.items():
        assert value >= 0, name
        assert value <= 100 or not name.endswith("percent")
    assert measured["memory_mb"] > 100


def test_the_load_is_that_since_the_time_before(tmp_path):
    (tmp_path / "meminfo").write_text(MEMINFO)
    (tmp_path / "stat").write_text(STAT)
    health = InstanceHealth(str(tmp_path), tmp_path)
    (tmp_path / "stat").write_text("cpu  150 10 50 850 40 0 5 5 0 0\n")
    measured = health.measure()
    assert (measured["cpu_percent"], measured["memory_percent"]) == (50.0, 92.5)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"disk_percent": 90.0}, []),
        ({"disk_percent": 90.1}, ["raise EBS_VOL_SIZE"]),
        ({"inodes_percent": 95.0}, ["too many small files"]),
        ({"memory_percent": 90.1}, ["larger MACHINE_TYPE"]),
    ],
)
def test_what_will_make_jobs_fail_is_warned_of(change, told):
    found = warnings({**WELL, **change})
    assert len(found) == len(told)
    assert all(part in sentence for part, sentence in zip(told, found))


@pytest.mark.parametrize(
    ("text", "kills"), [("low 0\noom 3\noom_kill 2\n", 2), ("under_oom 0\noom_kill 1", 1), ("", 0)]
)
def test_the_kernel_counts_what_it_ended(tmp_path, text, kills):
    (tmp_path / "events").write_text(text)
    assert memory_limit.oom_kills((tmp_path / "missing", tmp_path / "events")) == kills


def test_a_laptop_is_told_from_a_machine():
    variables = {"APP_NAME": "App", "AWS_REGION": "r", "SQS_QUEUE_URL": "q", "INSTANCE_ID": "laptop"}
    assert (
        what_was_found(variables, None, 2)
        == "App: 2 workers on laptop (no machine of EC2), region r, queue q"
    )
    assert "machine i-1, region r" in what_was_found(variables, "i-1", 2)


def test_every_region_has_its_partition():
    assert [partition(one) for one in ("us-east-1", "cn-north-1", "us-gov-west-1")] == [
        "aws",
        "aws-cn",
        "aws-us-gov",
    ]


@pytest.fixture
def mounter(tmp_path, monkeypatch):
    """A mount-s3 that notes its arguments and ends with this code."""

    def make(code):
        program = tmp_path / "mount-s3"
        program.write_text(
            f"#!/bin/sh\necho refused: no such bucket\necho $@ > {tmp_path}/told\nexit {code}\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return {"SOURCE_BUCKET": "data", "WORK_FOLDER": str(tmp_path / "work")}

    return make


def test_the_bucket_is_mounted_to_be_read(mounter, tmp_path):
    mount(mounter(0))
    assert (tmp_path / "told").read_text().split() == [
        "data",
        str(tmp_path / "work" / "bucket"),
        "--read-only",
        "--allow-other",
    ]


def test_a_mount_that_fails_is_told_with_its_reason(mounter):
    with pytest.raises(
        ContainerProblem, match="mount-s3 cannot mount the bucket data: refused: no such bucket"
    ):
        mount(mounter(1))
