"""report as a command: of a run that goes on, of one that has ended, and what is kept beside it."""

import json
from dataclasses import replace

import pytest

from distributed_something import cli
from distributed_something.commands.monitor import Pace, monitor
from distributed_something.commands.monitor_file import find_run
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import start
from distributed_something.commands.submit_job import submit
from distributed_something.errors import UserError
from distributed_something.run import provenance
from tests.functional.commands.test_status import attempt, write


@pytest.fixture
def run(bench):
    """A run that goes on, with two attempts in its ledger."""
    config = bench.write("config.py", "APP_NAME = 'mine'  # <b>bold</b>\n")
    bench.whole = lambda: replace(bench.context(), config=config)
    setup(bench.whole())
    submit(bench.whole(), bench.write("job.json", {"groups": [{"n": 1}, {"n": 2}]}))
    start(bench.whole(), bench.write("fleet.json", {"LaunchSpecifications": [{}]}))
    lines = [attempt(bench, "1"), attempt(bench, "2", "TOOL_FAILED", "exit 3: <i>dirty</i>")]
    write(bench, bench.name + "_jobs", "w", lines)
    bench.aws.clock.sleep(120)
    return bench


def reported(run, *arguments):
    out = run.folder / "out" / "report.html"
    typed = cli.parser().parse_args(["report", "--out", str(out), *arguments])
    typed.run(typed, run.whole())
    return out.read_text(encoding="utf-8")


def test_of_a_run_that_goes_on(run):
    page = reported(run)
    assert page.count("data:image/svg+xml;base64,") >= 2
    assert "exit 3: &lt;i&gt;dirty&lt;/i&gt;" in page
    assert "<i>" not in page
    assert "# &lt;b&gt;bold&lt;/b&gt;" in page  # config.py as it was
    for name in ("config.py", "fleet-request.json", "task-definition.json", "versions.json", "jobs-"):
        assert f"<summary>{name}" in page


def test_of_a_run_that_has_ended_and_in_the_bucket_too(run):
    run.aws.sqs.purge_queue(QueueUrl=run.aws.sqs.get_queue_url(QueueName=run.name + "Queue")["QueueUrl"])
    run_file = find_run(run.whole(), None)
    monitor(run.whole(), run_file, False, Pace())
    key = provenance.run_folder(run_file) + "report.html"
    there = run.aws.s3.get_object(Bucket=run.name, Key=key)
    assert there["ContentType"].startswith("text/html")
    assert "exit 3: &lt;i&gt;dirty" in there["Body"].read().decode("utf-8")
    assert f"Report: s3://{run.name}/{key}" in run.said()
    page = reported(run)
    assert "exit 3: &lt;i&gt;dirty" in page
    assert "<summary>fleet-request.json" in page


def test_what_is_kept_repeats_the_run(run):
    kept = provenance.documents(run.aws, find_run(run.whole(), None))
    request = json.loads(kept["fleet-request.json"])
    assert request["TargetCapacity"] == 2
    assert json.loads(kept["task-definition.json"])["family"] == run.name + "Task"
    (note,) = [json.loads(text) for name, text in kept.items() if name.startswith("jobs-")]
    assert (note["file"], note["jobs"]) == ("job.json", 2)
    assert len(note["sha256"]) == 64


def test_of_no_run_at_all(bench):
    bench.whole = bench.context
    with pytest.raises(UserError, match=f"No run of {bench.name} is known in s3://{bench.name}"):
        reported(bench)


def test_without_the_libraries_it_says_how_to_get_them(run, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "distributed_something.report.plots", raising=False)
    with pytest.raises(UserError, match="pip install .matplotlib"):
        reported(run)
