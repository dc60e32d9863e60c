"""The unattended monitor, call by call: memory between calls, two at once, and what only a person can do."""

import json
import threading

import pytest

from distributed_something.aws import account, fleet, queue, scheduler
from distributed_something.commands import destroy_aws, setup_aws
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import start
from distributed_something.commands.submit_job import submit
from distributed_something.monitor import lambda_schedule
from distributed_something.monitor.lambda_handler import ATTEMPTS, one_step
from distributed_something.run import monitor_file
from tests.functional.account import leftovers
from tests.functional.commands.test_ending import another_monitor, refusal


@pytest.fixture
def run(bench):
    """A run that was started with AUTO_MONITOR, and what its schedule calls the Lambda with."""
    context = bench.context(NOTIFY_EMAIL="me@example.org")
    setup_aws.set_up(context)
    setup(context)
    submit(context, bench.write("job.json", {"groups": [{"n": 1}, {"n": 2}]}))
    bench.path = start(context, bench.write("fleet.json", {"LaunchSpecifications": [{}]}), cheapest=True)
    there = bench.aws.scheduler.get_schedule(GroupName=account.NAME, Name=bench.name)
    bench.schedule, bench.event = there, json.loads(there["Target"]["Input"])
    bench.mails = []
    bench.aws.sns.meta.events.register(
        "provide-client-params.sns.Publish", lambda params, **rest: bench.mails.append(params["Subject"])
    )
    yield bench
    destroy_aws.destroy(context)


def tick(run, times=1):
    done = ""
    for _ in range(times):
        done = one_step(run.aws, run.event)
        run.aws.clock.sleep(60)
    return done


def drain(run):
    run.aws.sqs.purge_queue(QueueUrl=queue.find_url(run.aws, run.name + "Queue"))


def scheduled(run):
    return list(scheduler.names(run.aws, account.NAME))


def test_the_schedule_calls_every_minute_and_ends_by_itself(run):
    assert run.schedule["ScheduleExpression"] == "rate(1 minutes)"
    left = run.schedule["EndDate"].timestamp() - run.aws.clock.now()
    assert 14 * 86_400 < left <= lambda_schedule.LONGEST_RUN_SECONDS + 0.001  # seconds since 1970 as a float
    assert run.schedule["Target"]["RoleArn"].endswith(":role/" + account.SCHEDULER)
    key = f"monitors/{run.name}SpotFleetRequestId.json"
    assert run.event == {"bucket": run.name, "key": key, "schedule": run.name, "cheapest": True}
    assert monitor_file.load_monitor_file(run.path).auto_monitor


def test_jobs_are_watched_and_the_run_is_ended(run):
    assert tick(run, 3) == "jobs are left"
    drain(run)
    assert tick(run) == "the queue looks empty; making sure"
    assert tick(run, 3) == "the run has ended"
    assert leftovers(run.aws, run.name) == []
    assert run.mails == [f"{run.name} has ended: all jobs done"]
    assert scheduled(run) == []
    assert tick(run) == "the run has ended"  # a call that comes late


def test_cheapest_replaces_no_machine_after_fifteen_minutes(run):
    tick(run, 17)
    (one,) = fleet.find_live(run.aws, run.name)
    assert one.target == 1


def test_two_calls_at_once_do_no_harm(run, moto):
    drain(run)
    ways = [another_monitor(run, moto) for _ in range(2)]
    mails, failures = [], []
    for aws in ways:
        aws.sns.meta.events.register("provide-client-params.sns.Publish", lambda **rest: mails.append(1))
    for _ in range(6):

        def call(aws):
            try:
                one_step(aws, run.event)
            except Exception as error:
                failures.append(error)
            aws.clock.sleep(60)

        threads = [threading.Thread(target=call, args=(aws,)) for aws in ways]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (leftovers(run.aws, run.name), scheduled(run), mails) == ([], [], [1]), failures


def test_a_call_that_is_overtaken_leaves_no_memory(run, moto):
    """Another monitor ends the run between this call's look and the writing of its memory."""

    def overtaken(operation):
        if operation == "PutObject" and run.path.exists():
            run.path.unlink()
            run.aws.s3.delete_object(Bucket=run.name, Key=run.event["key"])

    one_step(another_monitor(run, moto, overtaken), run.event)
    keys = [one["Key"] for one in run.aws.s3.list_objects_v2(Bucket=run.name).get("Contents", [])]
    assert [key for key in keys if key.startswith("monitors/")] == []


def test_memory_of_an_earlier_run_is_not_believed(run):
    drain(run)
    tick(run, 2)
    key = f"monitors/{run.name}MonitorMemory.json"
    there = json.loads(run.aws.s3.get_object(Bucket=run.name, Key=key)["Body"].read())
    run.aws.s3.put_object(Bucket=run.name, Key=key, Body=json.dumps({**there, "run": "another"}))
    assert tick(run) == "the queue looks empty; making sure"
    run.aws.s3.put_object(Bucket=run.name, Key=key, Body="no JSON")
    assert tick(run) == "the queue looks empty; making sure"


def test_jobs_without_machines_are_told_once_and_kept(run):
    fleet.cancel(run.aws, monitor_file.load_monitor_file(run.path).fleet_id)
    assert tick(run, 6) == "the run has ended" or scheduled(run) == []
    assert run.mails == [f"{run.name} has stopped: jobs are left, but no machines"]
    assert queue.get_counts(run.aws, queue.find_url(run.aws, run.name + "Queue")).total == 2
    assert run.path.exists()


def test_an_end_that_aws_refuses_is_tried_for_half_an_hour_and_then_told(run, moto):
    drain(run)

    def refuse(operation):
        if operation == "Publish":
            run.mails.append("sent")
        return refusal(operation) if operation == "DeleteService" else None

    aws = another_monitor(run, moto, refuse)
    calls = 0
    while scheduled(run):
        one_step(aws, run.event)
        aws.clock.sleep(60)
        calls += 1
    assert ATTEMPTS <= calls <= ATTEMPTS + 5
    assert run.mails == ["sent"]
    assert [one for one in leftovers(run.aws, run.name) if one.startswith(("i-", "sfr-"))] == []
