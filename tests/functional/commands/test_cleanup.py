"""cleanup: runs whose monitor file was lost are found by their tag, and removed after a yes."""

import io
import json

import pytest

from distributed_something import cli
from distributed_something.aws import queue
from distributed_something.commands import cleanup
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import start
from distributed_something.commands.submit_job import submit
from distributed_something.errors import UserError
from distributed_something.terminal.console import Console
from tests.functional.account import leftovers
from tests.functional.commands.conftest import Bench

DAY = 86_400


@pytest.fixture
def lost(bench):
    """A run with machines and jobs, of which no monitor file is left anywhere."""
    setup(bench.context())
    submit(bench.context(), bench.write("job.json", {"groups": [{"n": 1}, {"n": 2}]}))
    path = start(bench.context(), bench.write("fleet.json", {"LaunchSpecifications": [{}]}))
    path.unlink()
    bench.aws.s3.delete_object(Bucket=bench.name, Key=f"monitors/{path.name}")
    bench.said()
    return bench


def run(bench, *arguments, answer=None):
    """Type `run.py cleanup ...`; ``answer`` is what a person types at a terminal."""
    context = bench.context()
    stdin = io.StringIO((answer or "") + "\n")
    stdin.isatty = lambda: answer is not None
    console = Console(bench.out, bench.err, stdin)
    typed = cli.parser().parse_args(["cleanup", *arguments])
    bench.out.truncate(bench.out.seek(0))
    cleanup.run(typed, type(context)(context.settings, bench.aws, console, files=context.files))
    return bench.out.getvalue()


def test_a_lost_run_is_listed_and_removed_after_a_yes(lost):
    told = run(lost, lost.name, answer="n")
    for kind in ("fleet", "machine", "service", "task definition", "queue", "cluster", "dashboard"):
        assert f"\n  {kind:<16}" in told
    assert f"2 jobs in {lost.name}Queue are not done; they go with it" in told
    assert "Nothing was removed" in lost.said()
    assert leftovers(lost.aws, lost.name) != []
    told = run(lost, lost.name, answer="y")
    assert "Removed; results and logs are still there" in told
    assert leftovers(lost.aws, lost.name) == []
    keys = [one["Key"] for one in lost.aws.s3.list_objects_v2(Bucket=lost.name)["Contents"]]
    assert any(key.startswith("exportedlogs/") for key in keys)


def test_what_an_earlier_config_named_otherwise_goes_too(lost):
    """A queue and a cluster of the same app under other names."""
    lost.aws.clock.sleep(60)
    setup(lost.context(SQS_QUEUE_NAME=lost.name + "Elsewhere", ECS_CLUSTER=lost.name + "Other"))
    run(lost, lost.name, "--yes")
    assert leftovers(lost.aws, lost.name) == []


def test_nothing_is_removed_where_nobody_can_be_asked(lost):
    with pytest.raises(UserError, match="nobody can be asked here; add --yes"):
        run(lost, lost.name)
    assert leftovers(lost.aws, lost.name) != []


def test_a_name_of_no_run_gets_the_nearest(lost):
    with pytest.raises(UserError, match=f"belongs to a run {lost.name}x; did you mean {lost.name}"):
        run(lost, lost.name + "x", "--yes")


def test_only_runs_older_than(lost):
    assert lost.name not in json.loads(run(lost, "--older-than", "7d", "--json"))
    lost.aws.clock.sleep(7 * DAY + 300)
    pieces = json.loads(run(lost, "--older-than", "7d", "--json"))[lost.name]
    assert {one["kind"] for one in pieces} >= {"fleet", "machine", "queue"}
    with pytest.raises(UserError, match="'soon' is no age: write for example 90m, 12h, 7d or 2w"):
        run(lost, "--older-than", "soon")


def test_other_runs_are_left_alone(lost, unique, tmp_path):
    other = Bench(lost.aws, tmp_path / "other", lost.name + "2")
    other.folder.mkdir()
    other.aws.s3.create_bucket(Bucket=other.name)
    setup(other.context())
    other.put_alarm(f"{other.name}_i-0123456789abcdef0")
    before = leftovers(other.aws, other.name)
    assert len(before) >= 5
    run(lost, lost.name, "--yes")
    assert leftovers(other.aws, other.name) == before
    assert queue.find_url(other.aws, other.name + "Queue")
