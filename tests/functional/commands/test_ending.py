"""The end of a run: killed after each step, refused at each call, two at once; the account is empty after."""

import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from distributed_something.aws import logs, queue, sns_topic
from distributed_something.aws.account import Account
from distributed_something.commands.local import emulated_aws
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import start
from distributed_something.commands.submit_job import submit
from distributed_something.errors import NotYet
from distributed_something.monitor.shutdown import end_run
from distributed_something.run import monitor_file
from tests.functional.account import leftovers
from tests.functional.commands.conftest import Clock
from tests.functional.worker.rig import CHECKOUT

# The steps of teardown_steps.py and shutdown.py, with three log groups.
STEPS = 14


class Killed(BaseException):
    """Stands for a SIGKILL between two calls: nothing in the code under test catches it."""


@pytest.fixture
def run(bench):
    """A function that makes a whole run whose jobs are done. Returns its monitor file's path."""
    context = bench.context(NOTIFY_EMAIL="me@example.org", SQS_DEAD_LETTER_QUEUE=bench.name + "Dead")
    sns_topic.make_topic(bench.aws, "DistributedSomething")
    bench.runs = 0

    def make():
        bench.aws.clock.sleep(60)
        bench.runs += 1
        setup(context)
        submit(context, bench.write("job.json", {"groups": [{"n": 1}]}))
        path = start(context, bench.write("fleet.json", {"LaunchSpecifications": [{}]}))
        bench.aws.sqs.purge_queue(QueueUrl=queue.find_url(bench.aws, bench.name + "Queue"))
        bench.put_alarm(f"{bench.name}_i-0123456789abcdef0")
        bench.said()
        return path

    return make


def another_monitor(bench, moto, on_call=None):
    """A way to AWS of its own; ``on_call(operation)`` may raise, or return an answer in AWS's place."""
    aws = emulated_aws(moto.endpoint_url, "us-east-1")
    aws.clock = Clock(bench.aws.clock.now())
    if on_call:
        client = aws.client

        def hooked(service, region=None):
            new = (service, region) not in aws._clients
            made = client(service, region)
            if new:
                made.meta.events.register("before-call", lambda model, **rest: on_call(model.name))
            return made

        aws.client = hooked
    return aws


def assert_nothing_left(bench, path):
    """Nothing but results and logs; the summary of each run that this test has ended is there."""
    assert leftovers(bench.aws, bench.name, bench.name) == []
    assert not path.exists()
    keys = [one["Key"] for one in bench.aws.s3.list_objects_v2(Bucket=bench.name)["Contents"]]
    summaries = [key for key in keys if key.startswith(f"exportedlogs/{bench.name}_summary/")]
    assert len(summaries) == bench.runs


@pytest.mark.parametrize("steps", range(1, STEPS + 1))
def test_killed_after_any_step_and_started_again_it_finishes(bench, moto, run, steps):
    path = run()
    script = Path(__file__).with_name("killed_monitor.py")
    again = [sys.executable, "-m", "tests.functional.commands." + script.stem, moto.endpoint_url, str(path)]

    def monitor(kill_after):
        return subprocess.run(
            [*again, str(kill_after)], cwd=str(CHECKOUT), stdout=subprocess.PIPE, text=True, check=False
        )

    killed = monitor(steps)
    assert killed.returncode == -signal.SIGKILL, killed.stdout
    if path.exists():
        assert "complete" in monitor(0).stdout
    assert_nothing_left(bench, path)
    assert steps < STEPS or "Monitor file" in killed.stdout.splitlines()[-1]


def ended_with(bench, faulty, path):
    """End the run with faults, and once more without. Returns what the first attempt came to."""
    first = None
    try:
        first = end_run(faulty, monitor_file.load_monitor_file(path), path.parent, print)
    except (Killed, Exception) as error:  # noqa: BLE001 - a person would see it and start again
        first = error
    if path.exists():
        again = end_run(bench.aws, monitor_file.load_monitor_file(path), path.parent, print)
        assert again.complete, again
    return first


def test_dead_between_any_two_calls_it_finishes_when_started_again(bench, moto, run):
    at, calls, first = 0, [], None

    def on_call(operation):
        calls.append(operation)
        if len(calls) == at + 1:
            raise Killed

    faulty = another_monitor(bench, moto, on_call)
    while at == 0 or len(calls) >= at:
        path, _ = run(), calls.clear()
        first = ended_with(bench, faulty, path)
        assert_nothing_left(bench, path)
        at += 1
    assert first.complete  # the last time nobody struck
    print(f"killed before each of {len(calls)} calls: {calls}")
    assert at > 30


def refusal(operation):
    error = {"Code": "AccessDenied", "Message": f"{operation} is refused this once"}
    return type("Http", (), {"status_code": 403})(), {"Error": error, "ResponseMetadata": {}}


def test_each_call_refused_once_is_told_and_the_rest_is_done(bench, moto, run):
    at, calls, told = 0, [], 0

    def on_call(operation):
        calls.append(operation)
        return refusal(operation) if len(calls) == at + 1 else None

    faulty = another_monitor(bench, moto, on_call)
    while at == 0 or len(calls) >= at:
        path, _ = run(), calls.clear()
        first = ended_with(bench, faulty, path)
        assert_nothing_left(bench, path)
        told += "refused this once" in str(first)
        at += 1
    print(f"refused each of {len(calls)} calls once; {told} of them kept the end from being complete")
    assert told > 20


def test_money_stops_even_when_everything_else_is_refused(bench, moto, run):
    path = run()
    stops = {"UpdateService", "DescribeServices", "CancelSpotFleetRequests", "DescribeSpotFleetRequests"}

    def on_call(operation):
        return None if operation in stops or "Instances" in operation else refusal(operation)

    ended = end_run(
        another_monitor(bench, moto, on_call), monitor_file.load_monitor_file(path), path.parent, print
    )
    assert not ended.complete
    assert [one for one in leftovers(bench.aws, bench.name) if one.startswith(("i-", "sfr-"))] == []
    assert path.exists()


def test_two_monitors_at_once_do_no_harm_and_send_one_mail(bench, moto, run):
    for _ in range(3):
        path, mails = run(), []
        document = monitor_file.load_monitor_file(path)
        at_once = threading.Barrier(2)

        def on_call(operation, sent=mails):
            if operation == "Publish":
                sent.append(operation)

        def one(number, start=at_once, what=document, where=path.parent, hook=on_call):
            aws = another_monitor(bench, moto, hook)
            start.wait()
            return end_run(aws, what, where, lambda told: None)

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(one, range(2)))
        if path.exists():
            outcomes.append(end_run(another_monitor(bench, moto, on_call), document, path.parent, print))
        assert any(one.complete for one in outcomes), outcomes
        assert_nothing_left(bench, path)
        assert mails == ["Publish"]


def test_machines_that_leave_the_cluster_when_it_has_just_been_refused_do_not_keep_it(bench, moto, run):
    path = run()
    refused = []

    def on_call(operation):
        if operation != "DeleteCluster" or refused:
            return None
        refused.append(operation)
        error = {"Code": "ClusterContainsContainerInstancesException", "Message": "it has instances"}
        return type("Http", (), {"status_code": 400})(), {"Error": error, "ResponseMetadata": {}}

    assert end_run(
        another_monitor(bench, moto, on_call), monitor_file.load_monitor_file(path), path.parent, print
    ).complete
    assert refused
    assert_nothing_left(bench, path)


def test_the_summary_and_the_mail_name_the_failed_jobs(bench, run):
    path = run()
    document = monitor_file.load_monitor_file(path)
    line = {"job": "A01", "attempt": 3, "outcome": "TOOL_FAILED", "exit_code": 3, "reason": "exit 3: broken"}
    now = bench.aws.clock.now()
    entry = {**line, "start": now, "end": now + 1, "instance": "i-1"}
    bench.aws.logs.create_log_stream(logGroupName=document.ledger_log_group, logStreamName="s")
    bench.aws.logs.put_log_events(
        logGroupName=document.ledger_log_group,
        logStreamName="s",
        logEvents=[{"timestamp": int(now * 1000) + 1000, "message": json.dumps(entry)}],
    )
    mails = []
    bench.aws.sns.meta.events.register(
        "provide-client-params.sns.Publish", lambda params, **rest: mails.append(params)
    )
    assert end_run(bench.aws, document, path.parent, print).complete
    (sent,) = mails
    assert sent["Subject"] == f"{bench.name} has ended: 1 jobs failed"
    assert "failed: A01: exit 3: broken" in sent["Message"]
    assert sent["MessageAttributes"]["to"]["StringValue"] == "me@example.org"
    text = bench.aws.s3.get_object(Bucket=bench.name, Key=document.summary_key)["Body"].read()
    summary = json.loads(text)
    assert (summary["failed"], summary["mailed"]) == (1, True)


def test_one_export_at_a_time_is_waited_for(bench, moto, run):
    """AWS refuses a second export of the account while one runs."""
    path, attempts = run(), []

    def on_call(operation):
        if operation != "CreateExportTask":
            return None
        attempts.append(operation)
        if len(attempts) % 2:
            return None
        error = {"Code": "LimitExceededException", "Message": "Resource limit exceeded."}
        return type("Http", (), {"status_code": 400})(), {"Error": error, "ResponseMetadata": {}}

    told = []
    aws = another_monitor(bench, moto, on_call)
    assert end_run(aws, monitor_file.load_monitor_file(path), path.parent, told.append).complete
    assert any("waiting: another export of the account is running" in line for line in told)
    assert len(attempts) == 5
    assert len(aws.clock.slept) == 2
    assert_nothing_left(bench, path)


def test_the_lambda_does_not_wait_for_an_export(bench, moto, run):
    path = run()

    def on_call(operation):
        if operation != "CreateExportTask":
            return None
        error = {"Code": "LimitExceededException", "Message": "Resource limit exceeded."}
        return type("Http", (), {"status_code": 400})(), {"Error": error, "ResponseMetadata": {}}

    aws = another_monitor(bench, moto, on_call)
    ended = end_run(aws, monitor_file.load_monitor_file(path), None, print, patience=0)
    assert (len(ended.waiting), aws.clock.slept) == (3, [])
    with pytest.raises(NotYet):
        logs.export(aws, bench.name, bench.name, 0)
    assert end_run(
        another_monitor(bench, moto), monitor_file.load_monitor_file(path), path.parent, print
    ).complete


def test_a_mail_that_cannot_be_sent_keeps_no_run_from_ending(bench, run):
    path = run()
    sns_topic.delete_topic(bench.aws, Account.of(bench.aws).topic)
    told = []
    assert end_run(bench.aws, monitor_file.load_monitor_file(path), path.parent, told.append).complete
    assert any("no mail could be sent to me@example.org" in line for line in told)
    assert_nothing_left(bench, path)
