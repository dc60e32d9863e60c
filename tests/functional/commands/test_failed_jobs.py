"""failedJobs, retryFailed and cancel: nothing lost, nothing twice, other people's messages left alone."""

import io
import json
from contextlib import suppress

import pytest

from distributed_something import cli
from distributed_something.aws import queue
from distributed_something.commands import cancel
from distributed_something.commands.failed_jobs import failed
from distributed_something.commands.retry_failed import retry
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import start
from distributed_something.commands.submit_job import submit
from distributed_something.errors import UserError
from distributed_something.terminal.console import Console
from tests.functional.account import leftovers

WELLS = [f"A{n:02}" for n in range(1, 24)]


class Killed(BaseException):
    """Stands for a SIGKILL between two calls."""


@pytest.fixture
def dead(bench):
    """A torn-down run of 23 jobs that all failed twice; the queue holds three foreign messages too."""
    bench.variables.update(JOB_NAME="{plate}-{well}", COMMAND="tool {well}")
    context = bench.context()
    setup(context)
    submit(context, bench.write("job.json", {"plate": "P1", "groups": [{"well": well} for well in WELLS]}))
    aws = bench.aws
    bench.url = queue.find_url(aws, bench.name + "Queue")
    bench.dead_url = queue.find_url(aws, bench.name + "Dead")
    move(aws, bench.url, bench.dead_url)
    aws.sqs.send_message(QueueUrl=bench.dead_url, MessageBody="no job", MessageAttributes=of(bench.name))
    aws.sqs.send_message(
        QueueUrl=bench.dead_url, MessageBody='{"group": {"well": "A01"}}', MessageAttributes=of("Another")
    )
    aws.sqs.send_message(QueueUrl=bench.dead_url, MessageBody='{"plate": "X", "group": {"well": "A01"}}')
    write_ledger(bench, [(f"P1-{well}", n, f"exit 3: {well} is broken") for well in WELLS for n in (1, 2)])
    bench.said()
    return bench


def of(app_name):
    return {"APP_NAME": {"DataType": "String", "StringValue": app_name}}


def move(aws, source, target):
    """What SQS does with messages that were received too often: body and attributes go over."""
    while True:
        some = aws.sqs.receive_message(
            QueueUrl=source, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages")
        if not some:
            return
        for one in some:
            aws.sqs.send_message(
                QueueUrl=target, MessageBody=one["Body"], MessageAttributes=one.get("MessageAttributes", {})
            )
            aws.sqs.delete_message(QueueUrl=source, ReceiptHandle=one["ReceiptHandle"])


def write_ledger(bench, attempts):
    group, now = bench.name + "_jobs", bench.aws.clock.now()
    bench.aws.logs.create_log_stream(logGroupName=group, logStreamName="w")
    lines = [
        {"job": job, "attempt": number, "outcome": "TOOL_FAILED", "reason": reason}
        for job, number, reason in attempts
    ]
    bench.aws.logs.put_log_events(
        logGroupName=group,
        logStreamName="w",
        logEvents=[{"timestamp": int(now * 1000) + 5000, "message": json.dumps(line)} for line in lines],
    )


def waiting(bench):
    """The names of the jobs in the job queue, each as often as it is there."""
    found = {}
    while True:
        some = bench.aws.sqs.receive_message(
            QueueUrl=bench.url, MaxNumberOfMessages=10, VisibilityTimeout=20
        ).get("Messages")
        if not some:
            for handle in found:
                bench.aws.sqs.change_message_visibility(
                    QueueUrl=bench.url, ReceiptHandle=handle, VisibilityTimeout=0
                )
            return sorted(json.loads(body)["group"]["well"] for body in found.values())
        found.update({one["ReceiptHandle"]: one["Body"] for one in some})


def in_dead_letters(bench):
    return queue.get_counts(bench.aws, bench.dead_url).total


def test_each_is_told_with_attempts_and_reason_and_nothing_is_moved(dead):
    for _ in range(2):
        found = failed(dead.context())
        assert [(one.name, one.attempts, one.reason) for one in found[:2]] == [
            ("P1-A01", 2, "exit 3: A01 is broken"),
            ("P1-A02", 2, "exit 3: A02 is broken"),
        ]
        assert len(found) == 23
        told = dead.said()
        assert "2 messages of other runs in the same queue are left alone" in told
        assert "1 messages are no jobs; they are left alone" in told
    assert queue.get_counts(dead.aws, dead.dead_url) == queue.Counts(26, 0, 0)


def test_saved_they_can_be_submitted_again_and_removed(dead):
    path = dead.folder / "again.json"
    failed(dead.context(), path)
    assert json.loads(path.read_text())["plate"] == "P1"
    assert in_dead_letters(dead) == 26
    with pytest.raises(UserError, match="is there already"):
        failed(dead.context(), path, remove=True)
    assert in_dead_letters(dead) == 26
    path.unlink()
    failed(dead.context(), path, remove=True)
    assert in_dead_letters(dead) == 3
    submit(dead.context(), path)
    assert waiting(dead) == WELLS


def test_retried_they_are_in_the_queue_once_and_the_foreign_ones_stay(dead):
    assert retry(dead.context()) == 23
    assert waiting(dead) == WELLS
    assert in_dead_letters(dead) == 3
    assert retry(dead.context()) == 0


def test_one_of_them_only(dead):
    with pytest.raises(UserError, match="No failed job is called P1-A1; did you mean P1-A"):
        retry(dead.context(), ["P1-A1"])
    assert retry(dead.context(), ["P1-A07"]) == 1
    assert waiting(dead) == ["A07"]
    assert in_dead_letters(dead) == 25


def test_after_a_teardown_the_queue_is_made_again(dead):
    dead.aws.sqs.delete_queue(QueueUrl=dead.url)
    dead.aws.clock.sleep(60)
    assert retry(dead.context()) == 23
    assert "its queue, task definition and service are made again" in dead.said()
    assert waiting(dead) == WELLS


@pytest.mark.parametrize("operation", ["SendMessageBatch", "DeleteMessageBatch", "PutObject", "DeleteObject"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_killed_anywhere_none_is_lost_and_none_doubled(dead, operation, moment, nth):
    """Killed around the calls that change something; then once more without a fault."""
    calls = []

    def strike(model, **rest):
        if model.name == operation:
            calls.append(1)
            if len(calls) == nth:
                raise Killed

    emitters = [client.meta.events for client in (dead.aws.sqs, dead.aws.s3)]
    event = "before-call" if moment == "before" else "after-call"
    for emitter in emitters:
        emitter.register(event, strike)
    with suppress(Killed):
        retry(dead.context())
    for emitter in emitters:
        emitter.unregister(event, strike)
    again = retry(dead.context())
    assert waiting(dead) == WELLS, again
    assert in_dead_letters(dead) == 3


def test_what_a_worker_may_have_is_left_until_it_is_known(dead):
    """Cut off after sending; meanwhile a worker took some: they are not sent again."""

    def strike(model, **rest):
        raise Killed

    dead.aws.sqs.meta.events.register("before-call.sqs.DeleteMessageBatch", strike)
    with pytest.raises(Killed):
        retry(dead.context())
    dead.aws.sqs.meta.events.unregister("before-call.sqs.DeleteMessageBatch", strike)
    taken = dead.aws.sqs.receive_message(QueueUrl=dead.url, MaxNumberOfMessages=1)["Messages"]
    name = json.loads(taken[0]["Body"])["group"]["well"]
    assert retry(dead.context()) == 22
    assert "1 jobs of an attempt that was cut off may be with a worker just now" in dead.said()
    dead.aws.sqs.delete_message(QueueUrl=dead.url, ReceiptHandle=taken[0]["ReceiptHandle"])
    assert waiting(dead) == [well for well in WELLS if well != name]


def test_without_a_dead_letter_queue_it_is_told(bench):
    with pytest.raises(UserError, match=f"There is no dead-letter queue {bench.name}Dead"):
        failed(bench.context())


def test_cancel_stops_the_run_and_leaves_nothing(bench):
    context = bench.context()
    setup(context)
    submit(context, bench.write("job.json", {"groups": [{"n": 1}, {"n": 2}]}))
    start(context, bench.write("fleet.json", {"LaunchSpecifications": [{}]}))

    def typed(answer, *arguments):
        stdin = io.StringIO(answer + "\n")
        stdin.isatty = lambda: True
        parsed = cli.parser().parse_args(["cancel", *arguments])
        console = Console(bench.out, bench.err, stdin)
        cancel.run(parsed, type(context)(context.settings, bench.aws, console, files=context.files))

    typed("n")
    told = bench.said()
    assert f"Stop {bench.name} now? 2 jobs that wait are thrown away, 0 that run are ended" in told
    assert "Nothing was stopped" in told
    typed("y")
    assert "Ending the run: cancelled" in bench.said()
    assert leftovers(bench.aws, bench.name) == []
