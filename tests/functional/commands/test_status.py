"""status and logs: figures from ledger, queues and fleet; why nothing moves; logs by part of a name."""

import json
import time
from datetime import datetime, timezone

import pytest

from distributed_something import cli
from distributed_something.aws import fleet, queue, stopped_reasons
from distributed_something.commands import logs, status
from distributed_something.commands.monitor_file import find_run
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import start
from distributed_something.commands.submit_job import submit
from distributed_something.config import run_names
from distributed_something.errors import UserError
from distributed_something.report import run_status
from distributed_something.run import monitor_file


@pytest.fixture
def run(bench):
    """A run of four jobs with machines, of which nothing has been done yet."""
    bench.variables["JOB_NAME"] = "plate-{well}"
    setup(bench.context())
    wells = [{"well": well} for well in ("A01", "A02", "B01", "B02")]
    submit(bench.context(COMMAND="tool {well}"), bench.write("job.json", {"groups": wells}))
    start(bench.context(), bench.write("fleet.json", {"LaunchSpecifications": [{}]}))
    bench.said()
    return bench


def write(bench, group, stream, lines):
    bench.aws.logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(bench.aws.clock.now() * 1000) + 2000
    for at in range(0, len(lines), 1000):
        bench.aws.logs.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            logEvents=[{"timestamp": now, "message": line} for line in lines[at : at + 1000]],
        )


def attempt(bench, job, outcome="SUCCESS", reason="", number=1, ago=60.0):
    end = datetime.fromtimestamp(bench.aws.clock.now() - ago, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return json.dumps({"job": job, "attempt": number, "outcome": outcome, "reason": reason, "end": end})


def seen(bench):
    context = bench.context()
    return status.look(context, find_run(context, None))


def printed(bench, *arguments, **changes):
    typed = cli.parser().parse_args(arguments)
    bench.out.truncate(bench.out.seek(0))
    typed.run(typed, bench.context(**changes))
    return bench.out.getvalue()


def test_one_screen_shows_jobs_rate_machines_money_and_failures(run):
    lines = [
        attempt(run, "plate-A01"),
        attempt(run, "plate-A02", "TOOL_FAILED", "exit 3: dirty", ago=30),
        attempt(run, "plate-B01", "INTERRUPTED", "spot", ago=10),
    ]
    write(run, run.name + "_jobs", "w", lines)
    run.aws.sqs.receive_message(QueueUrl=queue.find_url(run.aws, run.name + "Queue"))
    run.aws.clock.sleep(600)
    shown = seen(run)
    assert (shown.waiting, shown.running, shown.done, shown.failed, shown.interrupted) == (3, 1, 1, 1, 1)
    assert (shown.machines_wanted, shown.machines_there) == (2, 2)
    assert shown.rate == pytest.approx(6, rel=0.05)
    assert shown.seconds_left == pytest.approx(2400, rel=0.05)
    text = printed(run, "status")
    assert "3 waiting, 1 running, 1 done, 0 skipped, 1 failed so far" in text
    assert "rate      6 jobs an hour, about 40 min to go" in text
    assert "machines  2 wanted, 2 there, 0 busy; 1 jobs interrupted so far" in text
    assert "money     $0.00 so far" in text
    assert "failed:   plate-A02: exit 3: dirty" in text
    document = json.loads(printed(run, "status", "--json"))
    assert document["failures"] == ["plate-A02: exit 3: dirty"]


def test_before_machines_are_started_it_says_what_comes_next(bench):
    with pytest.raises(
        UserError, match=f"there is no queue {bench.name}Queue.*: +python run.py cleanup {bench.name}"
    ):
        printed(bench, "status")
    setup(bench.context())
    assert "0 waiting" in printed(bench, "status")
    assert "Next:  python run.py startCluster" in bench.said()


def test_another_computer_finds_the_run_by_its_copy_in_the_bucket(run):
    run.folder.joinpath("files", run_names.monitor_file_name(run.name)).unlink()
    assert "machines  2 wanted" in printed(run, "status")
    assert "Next:  python run.py monitor" in run.said()


def test_it_says_why_nothing_moves(run):
    (trouble,) = seen(run).troubles
    assert trouble.startswith("machines run, but none has joined the cluster")
    fleet.cancel(
        run.aws,
        monitor_file.load_monitor_file(run.folder / "files" / f"{run.name}SpotFleetRequestId.json").fleet_id,
    )
    assert seen(run).troubles == [
        "the fleet has ended, and jobs are left: start machines again with startCluster"
    ]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "(service S) was unable to place a task because no container instance met all of its "
            "requirements. The closest matching (container-instance 1) has insufficient memory available.",
            "the container does not fit on a machine, which has too little memory: lower MEMORY",
        ),
        ("The closest matching (container-instance 1) has insufficient CPU units available.", "CPU_SHARES"),
        ("CannotPullContainerError: pull access denied for me/tool", "the image cannot be pulled"),
        ("OutOfMemoryError: Container killed due to memory usage", "containers run out of memory"),
        ("ECS was unable to assume the role 'arn'", "ECS may not use the containers' role"),
        ("(service S) has reached a steady state.", ""),
    ],
)
def test_complaints_of_ecs_in_plain_words(message, told):
    words = stopped_reasons.explain_event(message)
    assert told in words
    assert bool(told) == bool(words)


def test_a_worker_that_crashes_at_its_start_is_told_of():
    task = {"stoppedReason": "Essential container in task exited", "containers": [{"exitCode": 1}]}
    assert stopped_reasons.explain_stopped_task(task).startswith("workers crash at their start (exit code 1)")
    assert stopped_reasons.explain_stopped_task({"containers": [{"exitCode": 143}]}) == ""
    assert stopped_reasons.explain_stopped_task({"containers": [{"exitCode": 0}]}) == ""


def test_ten_thousand_jobs_are_told_in_seconds(run):
    """The time is printed, beside that of reading the ledger alone: tests fail on no clock."""
    lines = [attempt(run, f"plate-{n:05}", ago=n / 10) for n in range(10_000)]
    write(run, run.name + "_jobs", "w", lines)
    begun = time.monotonic()
    shown = seen(run)
    print(f"status at 10,000 jobs: {time.monotonic() - begun:.2f} s")
    assert shown.done == 10_000
    assert run_status.status_lines(shown)[1].count("10,000 done")


def test_a_log_is_found_by_its_name_or_a_part_of_it(run):
    for well in ("A01", "A02"):
        write(run, run.name, f"plate-{well}", ["Attempt 1 on i-1", f"segmenting {well}"])
    ledger = [attempt(run, f"plate-{well}") for well in ("A01", "A02", "B01")]
    write(run, run.name + "_jobs", "w", ledger)
    assert printed(run, "logs", "plate-A01") == "Attempt 1 on i-1\nsegmenting A01\n"
    assert printed(run, "logs", "e-A02") == "Attempt 1 on i-1\nsegmenting A02\n"
    assert printed(run, "logs", "A0").count("== plate-A0") == 2
    with pytest.raises(UserError, match="No job's name holds 'plate-A3'; the nearest are plate-A0"):
        printed(run, "logs", "plate-A3")
    with pytest.raises(UserError, match="Name a job, or write --failed or --machines"):
        printed(run, "logs")


def test_the_failed_jobs_last_lines(run):
    write(run, run.name, "plate-B01", [f"line {n}" for n in range(40)] + ["Attempt 2: TOOL_FAILED"])
    write(
        run,
        run.name + "_jobs",
        "w",
        [attempt(run, "plate-A01"), attempt(run, "plate-B01", "TOOL_FAILED", "exit 1", 2)],
    )
    text = printed(run, "logs", "--failed")
    assert text.startswith("== plate-B01\n")
    assert text.rstrip().endswith("Attempt 2: TOOL_FAILED")
    assert text.count("\n") == 1 + logs._LAST_LINES


def test_machines_output_and_following_it(run):
    write(run, run.name + "_perInstance", "me/worker/1", ["Worker of cells on i-1"])
    assert printed(run, "logs", "--machines") == "me/worker/1  Worker of cells on i-1\n"
    looks = []

    def world():
        looks.append(1)
        if len(looks) == 2:
            write(run, run.name + "_perInstance", "me/worker/2", ["another"])
        if len(looks) == 5:
            raise KeyboardInterrupt

    run.aws.clock.on_sleep = world
    with pytest.raises(KeyboardInterrupt):
        printed(run, "logs", "--machines", "--follow")
    assert run.out.getvalue().count("another") == 1


def test_logs_that_are_gone_are_told_with_the_place_of_their_export(bench):
    with pytest.raises(UserError, match=f"lies in s3://{bench.name}/exportedlogs/{bench.name}/"):
        printed(bench, "logs", "A01")
