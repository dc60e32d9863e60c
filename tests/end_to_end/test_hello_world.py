"""The files at the top of the checkout, as they stand."""

import json
import signal
import subprocess
import sys

import pytest

from tests.end_to_end.conftest import CHECKOUT, processes
from tests.waiting import wait_until

EXAMPLE = "files/exampleJob.json"


def test_hello_world_runs_unedited(shell, tmp_path):
    printed = shell.run("local", EXAMPLE, "--bucket", tmp_path)
    job = json.loads((CHECKOUT / EXAMPLE).read_text())
    for group in job["groups"]:
        (greeting,) = (tmp_path / "greetings").glob(f"{group['Name'][:4]}*/greeting.txt")
        assert greeting.read_text() == f"{job['greeting']} {group['Name']}\n"
    assert "3 jobs done, 0 skipped (done before), 0 failed" in printed
    assert printed.rstrip().endswith("Next:  python run.py setup")
    (report,) = (tmp_path / "reports" / "HelloWorld").glob("*/report.html")
    assert f"A report of the run is {report}" in printed
    for command in ("setup", "submitJob", "startCluster", "monitor"):
        assert f"$ run.py {command}" in printed


def test_it_runs_from_any_folder(tmp_path):
    """A job file and a bucket are where the user stands, not where the toolkit lies."""
    (tmp_path / "config.py").write_text((CHECKOUT / "config.py").read_text())
    (tmp_path / "job.json").write_text('{"greeting": "Hi", "groups": [{"Name": "you"}]}')
    subprocess.run(
        [sys.executable, str(CHECKOUT / "run.py"), "local", "job.json", "--bucket", "data"],
        cwd=str(tmp_path),
        check=True,
        timeout=120,
    )
    assert (tmp_path / "data" / "greetings" / "you" / "greeting.txt").read_text() == "Hi you\n"


@pytest.fixture
def config(tmp_path):
    """A function that writes the example's config.py with another COMMAND."""

    def write(command):
        path = tmp_path / "config.py"
        path.write_text((CHECKOUT / "config.py").read_text() + f"\nCOMMAND = {command!r}\n")
        return path

    return write


def test_jobs_that_fail_end_the_rehearsal_with_their_reasons(shell, config, tmp_path):
    path = config("sh -c 'echo sensor {Name!q} is broken; exit 3'")
    printed = shell.run("--config", path, "local", EXAMPLE, "--bucket", tmp_path / "data", code=3)
    assert "0 jobs done, 0 skipped (done before), 3 failed; 9 attempts" in printed
    assert "failed: World: exit 3: sensor World is broken" in printed
    assert "3 jobs failed" in printed


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGHUP, 129), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_however_a_rehearsal_is_ended_it_leaves_no_process_behind(shell, config, tmp_path, number, code):
    """Ctrl-C, a closed terminal, a polite kill, and one that leaves no time for anything."""
    path = config(f"sh -c 'sleep 600; echo {tmp_path}'")
    shell.environment["TMPDIR"] = str(tmp_path / "tmp")
    (tmp_path / "tmp").mkdir()
    run = shell.start("--config", path, "local", EXAMPLE, "--bucket", tmp_path / "data")
    wait_until(lambda: processes("sleep 600", tmp_path), "the tool runs")
    run.send_signal(number)
    printed, _ = run.communicate(timeout=60)
    assert run.returncode == code
    assert number == signal.SIGKILL or "nothing runs any more" in printed
    wait_until(lambda: not processes(tmp_path), "no process of the rehearsal is left")
    wait_until(lambda: not list((tmp_path / "tmp").glob("rehearsal-*")), "no folder of the rehearsal is left")
