"""`make demo`'s run: real images, a real tool, a result for every job, also when workers are killed."""

import csv
import itertools
import json
import os
import signal
import subprocess
import sys

import pytest
from skimage import io

from tests.end_to_end.conftest import COUNT_OBJECTS, parent_of, processes
from tests.waiting import wait_until

CONFIG, JOBS = COUNT_OBJECTS / "config.py", COUNT_OBJECTS / "job.json"


def names():
    matrix = json.loads(JOBS.read_text())["groups"]["matrix"]
    return ["-".join(pair) for pair in itertools.product(matrix["image"], matrix["method"])]


def complete(bucket, jobs):
    for job in jobs:
        folder = bucket / "results" / job
        with (folder / "objects.csv").open() as table:
            rows = list(csv.DictReader(table))
        assert rows, job
        assert all(float(row["area"]) >= 30 for row in rows)
        assert io.imread(folder / "outlines.png").shape[2] == 3
    assert sorted(path.name for path in (bucket / "results").iterdir()) == sorted(jobs)


def test_every_job_has_a_table_and_a_picture_and_the_second_run_skips_all(shell, bucket):
    assert len(names()) >= 24
    printed = shell.run("--config", CONFIG, "local", JOBS, "--bucket", bucket)
    assert f"{len(names())} jobs done, 0 skipped (done before), 0 failed" in printed
    assert f"The results are in {bucket}" in printed
    complete(bucket, names())
    again = shell.run("--config", CONFIG, "local", JOBS, "--bucket", bucket)
    assert f"0 jobs done, {len(names())} skipped (done before), 0 failed" in again


def test_the_results_are_those_of_the_tool_run_directly(shell, bucket, tmp_path):
    job = {"groups": [{"image": "coins.png", "method": "otsu"}]}
    (tmp_path / "job.json").write_text(json.dumps(job))
    shell.run("--config", CONFIG, "local", tmp_path / "job.json", "--bucket", bucket)
    tool = [sys.executable, str(COUNT_OBJECTS / "count_objects.py")]
    directly = tmp_path / "directly"
    subprocess.run([*tool, str(bucket / "images/coins.png"), str(directly), "--method", "otsu"], check=True)
    for name in ("objects.csv", "outlines.png"):
        result = bucket / "results/coins.png-otsu" / name
        assert result.read_bytes() == (directly / name).read_bytes()


def kill_container(worker):
    """What the end of a container is: nothing of it goes on, neither worker nor tool."""
    for process_id in [*(pid for pid in processes("count_objects.py") if parent_of(pid) == worker), worker]:
        os.kill(process_id, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["SIGKILL", "SIGTERM"])
def test_a_worker_that_is_ended_in_mid_run_loses_no_job(shell, bucket, tmp_path, number):
    """SIGKILL: another takes the job after the visibility timeout. SIGTERM: it is given back at once."""
    config = tmp_path / "config.py"
    visibility = 5 if number == signal.SIGKILL else 3600  # an hour would be noticed
    config.write_text(CONFIG.read_text() + f"\nSQS_MESSAGE_VISIBILITY = {visibility}\n")
    tool = COUNT_OBJECTS / "count_objects.py"
    (tmp_path / "count_objects.py").symlink_to(tool)
    job = {"groups": {"matrix": {"image": ["coins.png"], "method": ["otsu", "li", "isodata", "yen"]}}}
    (tmp_path / "job.json").write_text(json.dumps(job))
    run = shell.start("--config", config, "local", tmp_path / "job.json", "--bucket", bucket)

    def ended():
        for process_id in processes(tmp_path / "count_objects.py"):
            worker = parent_of(process_id)
            if worker in processes("generic-worker.py"):
                if number == signal.SIGKILL:
                    kill_container(worker)
                else:
                    os.kill(worker, number)
                return worker
        return None

    wait_until(ended, "a worker was ended while it ran the tool")
    printed, _ = run.communicate(timeout=300)
    assert run.returncode == 0, printed
    assert "4 jobs done, 0 skipped (done before), 0 failed" in printed
    complete(bucket, [f"coins.png-{method}" for method in job["groups"]["matrix"]["method"]])
