"""startCluster and monitor: the fleet and its file, errors in plain words, an account that is empty after."""

import json

import pytest

from distributed_something.aws import fleet, queue, service
from distributed_something.commands.monitor import Pace, monitor
from distributed_something.commands.monitor_file import find_run
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import fleet_config, start
from distributed_something.commands.submit_job import submit
from distributed_something.errors import AwsRefusal, Interrupted, UserError
from distributed_something.local.moto_extensions.spot_fleet import MISSING_PROFILE
from distributed_something.run import monitor_file
from tests.functional.account import leftovers

NAME_OF_PROFILE = {"Arn": f"arn:aws:iam::123456789012:instance-profile/{MISSING_PROFILE}"}


@pytest.fixture
def ready(bench):
    setup(bench.context())
    submit(bench.context(), bench.write("job.json", {"groups": [{"n": 1}, {"n": 2}]}))
    bench.fleet = bench.write("fleet.json", {"LaunchSpecifications": [{}]})
    bench.said()
    return bench


def drain(bench):
    """Play the workers: everything in the queue is done."""
    url = queue.find_url(bench.aws, bench.name + "Queue")
    bench.aws.sqs.purge_queue(QueueUrl=url)


def watch(bench, **options):
    context = bench.context()
    return monitor(context, find_run(context, None), options.get("cheapest", False), Pace())


def desired(bench):
    found = service.find(bench.aws, bench.name + "Cluster", bench.name + "Service")
    return found["desiredCount"] if found else None


def start_and_crash(bench, monkeypatch):
    """startCluster, killed in the moment between the fleet's request and the writing of its id."""
    request = fleet.request

    def crash(aws, config):
        request(aws, config)
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(fleet, "request", crash)
        with pytest.raises(SystemExit):
            start(bench.context(), bench.fleet)


def test_a_dry_run_starts_nothing(ready):
    config = fleet_config(ready.context(), ready.fleet, "token")
    assert config["LaunchSpecifications"][0]["ImageId"].startswith("ami-")
    assert config["IamFleetRole"] == "arn:aws:iam::123456789012:role/aws-ec2-spot-fleet-tagging-role"
    assert fleet.find_live(ready.aws, ready.name) == []
    assert not (ready.folder / "files").exists()


def test_machines_start_and_the_monitor_file_knows_them(ready):
    path = start(ready.context(), ready.fleet)
    document = json.loads(path.read_text())
    assert path.name == f"{ready.name}SpotFleetRequestId.json"
    assert document["MONITOR_FLEET_ID"].startswith("sfr-")
    assert document["MONITOR_APP_NAME"] == ready.name
    assert document["MONITOR_ECS_CLUSTER"] == ready.name + "Cluster"
    assert document["MONITOR_QUEUE_NAME"] == ready.name + "Queue"
    assert document["MONITOR_BUCKET_NAME"] == document["MONITOR_LOG_GROUP_NAME"] == ready.name
    assert document["CLEAN_DASHBOARD"] == "True"
    stored = ready.aws.s3.get_object(Bucket=ready.name, Key=f"monitors/{path.name}")["Body"].read()
    assert json.loads(stored) == document
    assert len(fleet.instance_ids(ready.aws, document["MONITOR_FLEET_ID"])) == 2
    assert desired(ready) == 2


def test_a_second_fleet_is_refused(ready):
    start(ready.context(), ready.fleet)
    with pytest.raises(UserError, match="is running already .* Watch and end it first: "):
        start(ready.context(), ready.fleet)
    assert len(fleet.find_live(ready.aws, ready.name)) == 1


def test_a_crash_between_request_and_file_leaves_no_unknown_fleet(ready, monkeypatch):
    start_and_crash(ready, monkeypatch)
    unfinished = find_run(ready.context(), None)
    assert unfinished.fleet_id == ""
    start(ready.context(), ready.fleet)
    (only,) = fleet.find_live(ready.aws, ready.name)
    assert find_run(ready.context(), None).fleet_id == only.id


def test_the_monitor_ends_a_fleet_whose_id_was_never_written_down(ready, monkeypatch):
    start_and_crash(ready, monkeypatch)
    drain(ready)
    watch(ready)
    assert fleet.find_live(ready.aws, ready.name) == []


def test_an_error_of_the_fleet_is_told_in_plain_words_and_the_fleet_is_cancelled(ready):
    path = ready.write("bad.json", {"LaunchSpecifications": [{"IamInstanceProfile": NAME_OF_PROFILE}]})
    with pytest.raises(AwsRefusal) as told:
        start(ready.context(), path)
    assert "EC2 starts no machine, so the fleet was cancelled" in str(told.value)
    assert "something in the fleet file does not fit the account: most often IamInstanceProfile" in str(
        told.value
    )
    assert "AWS says: Value (missing-profile)" in str(told.value)
    assert fleet.find_live(ready.aws, ready.name) == []
    assert desired(ready) == 0
    assert not (ready.folder / "files" / f"{ready.name}SpotFleetRequestId.json").exists()


def test_a_refused_request_leaves_no_monitor_file(ready):
    def refuse(**call):
        error = {"Code": "UnauthorizedOperation", "Message": "You are not authorized"}
        return type("Http", (), {"status_code": 403})(), {"Error": error, "ResponseMetadata": {}}

    ready.aws.ec2.meta.events.register("before-call.ec2.RequestSpotFleet", refuse)
    with pytest.raises(ready.aws.ec2.exceptions.ClientError):
        start(ready.context(), ready.fleet)
    assert list((ready.folder / "files").iterdir()) == []
    assert "Contents" not in ready.aws.s3.list_objects_v2(Bucket=ready.name, Prefix="monitors/")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"SSH_KEY_NAME": "your-key-file.pem"}, "SSH_KEY_NAME of config.py is still the example's"),
        ({"MACHINE_TYPE": ["m5.gigantic"]}, "MACHINE_TYPE of config.py: .*m5.gigantic"),
        ({"SQS_QUEUE_NAME": "elsewhere"}, "There is no queue elsewhere yet: python run.py setup"),
    ],
    ids=str,
)
def test_what_is_wrong_before_the_start_starts_nothing(ready, changes, told):
    with pytest.raises(UserError, match=told):
        start(ready.context(**changes), ready.fleet)
    assert fleet.find_live(ready.aws, ready.name) == []


def test_an_image_that_is_not_there_is_told(ready):
    path = ready.write("old.json", {"LaunchSpecifications": [{"ImageId": "ami-0123456789abcdef0"}]})
    with pytest.raises(UserError, match="The image ami-0123456789abcdef0 does not exist in us-east-1"):
        start(ready.context(), path)


def test_the_monitor_ends_the_run_and_leaves_nothing_but_results_and_logs(ready):
    start(ready.context(), ready.fleet)
    ready.aws.cloudwatch.put_metric_alarm(
        AlarmName=f"{ready.name}_i-0123456789abcdef0",
        MetricName="CPUUtilization",
        Namespace="AWS/EC2",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=15,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
    )
    ready.aws.logs.create_log_stream(logGroupName=ready.name + "_jobs", logStreamName="worker")
    line = {"job": "1", "attempt": 1, "outcome": "SUCCESS"}
    ready.aws.logs.put_log_events(
        logGroupName=ready.name + "_jobs",
        logStreamName="worker",
        logEvents=[{"timestamp": int(ready.aws.clock.now() * 1000) + 1000, "message": json.dumps(line)}],
    )
    ready.aws.s3.put_object(Bucket=ready.name, Key="results/1/x", Body=b"x")
    drain(ready)
    summary = watch(ready)
    assert (summary.done, summary.failed) == (1, 0)
    assert "1 jobs done, 0 skipped (done before), 0 failed; 1 attempts" in ready.out.getvalue()
    assert leftovers(ready.aws, ready.name) == []
    keys = [one["Key"] for one in ready.aws.s3.list_objects_v2(Bucket=ready.name)["Contents"]]
    assert "results/1/x" in keys
    assert any(key.startswith("exportedlogs/") for key in keys)
    assert not list((ready.folder / "files").iterdir())
    for group in ("", "_perInstance", "_jobs"):
        assert ready.aws.logs.describe_log_groups(logGroupNamePrefix=ready.name + group)["logGroups"]


def test_a_zero_is_not_believed_at_once(ready):
    start(ready.context(), ready.fleet)
    drain(ready)
    begun = ready.aws.clock.now()
    watch(ready)
    assert ready.aws.clock.now() - begun > 60


def test_failed_jobs_keep_the_dead_letter_queue(ready):
    start(ready.context(), ready.fleet)
    dead = queue.find_url(ready.aws, ready.name + "Dead")
    ready.aws.sqs.send_message(QueueUrl=dead, MessageBody='{"group": {"n": 1}}')
    drain(ready)
    watch(ready)
    assert queue.find_url(ready.aws, ready.name + "Dead") == dead
    assert f"Still in the dead-letter queue {ready.name}Dead: 1" in ready.out.getvalue()


def test_a_dead_letter_queue_that_serves_another_run_is_kept(ready):
    start(ready.context(), ready.fleet)
    setup(ready.context(APP_NAME=ready.name + "B", ECS_CLUSTER=ready.name + "B"))
    drain(ready)
    watch(ready)
    assert queue.find_url(ready.aws, ready.name + "Dead")
    assert queue.find_url(ready.aws, ready.name + "BQueue")


def test_ctrl_c_leaves_everything_running_and_says_how_to_go_on(ready):
    start(ready.context(), ready.fleet)

    def interrupt():
        raise KeyboardInterrupt

    ready.aws.clock.on_sleep = interrupt
    with pytest.raises(
        Interrupted, match="go on as they are; watch and end them with:  python run.py monitor "
    ):
        watch(ready)
    assert fleet.find_live(ready.aws, ready.name)
    assert desired(ready) == 2


def test_jobs_without_a_fleet_are_told_of_and_kept(ready):
    start(ready.context(), ready.fleet)
    fleet.cancel(ready.aws, find_run(ready.context(), None).fleet_id)
    with pytest.raises(AwsRefusal, match="the fleet has ended before the jobs were done"):
        watch(ready)
    assert queue.get_counts(ready.aws, queue.find_url(ready.aws, ready.name + "Queue")).total == 2
    start(ready.context(), ready.fleet)  # goes on


def test_cheapest_mode_lowers_the_target_and_keeps_running_machines(ready):
    start(ready.context(), ready.fleet)
    run_file = find_run(ready.context(), None)
    url = queue.find_url(ready.aws, ready.name + "Queue")
    seen = []

    def look():
        found = fleet.find(ready.aws, run_file.fleet_id)
        seen.append((found.target, len(fleet.instance_ids(ready.aws, run_file.fleet_id))))
        if found.target == 1 and queue.get_counts(ready.aws, url).total:
            drain(ready)

    ready.aws.clock.on_sleep = look
    watch(ready, cheapest=True)
    assert (1, 2) in seen


def test_an_error_of_aws_in_the_middle_is_told_and_watching_goes_on(ready):
    start(ready.context(), ready.fleet)
    drain(ready)
    calls = []

    def refuse(**call):
        calls.append(1)
        if len(calls) == 2:
            error = {
                "Code": "ExpiredToken",
                "Message": "The security token included in the request is expired",
            }
            return type("Http", (), {"status_code": 403})(), {"Error": error, "ResponseMetadata": {}}
        return None

    ready.aws.sqs.meta.events.register("before-call.sqs.GetQueueUrl", refuse)
    watch(ready)
    assert "The session has expired: log in again (`aws sso login`)" in ready.said()
    assert leftovers(ready.aws, ready.name) == []


def test_a_step_that_aws_refuses_is_told_the_rest_is_done_and_again_finishes(ready):
    start(ready.context(), ready.fleet)
    drain(ready)

    def refuse(**call):
        error = {"Code": "AccessDenied", "Message": "not you"}
        return type("Http", (), {"status_code": 403})(), {"Error": error, "ResponseMetadata": {}}

    ready.aws.cloudwatch.meta.events.register("before-call.cloudwatch.DescribeAlarms", refuse)
    with pytest.raises(
        AwsRefusal, match="Not everything could be removed:\n- Alarms: AWS refused DescribeAlarms"
    ):
        watch(ready)
    ready.aws.cloudwatch.meta.events.unregister("before-call.cloudwatch.DescribeAlarms", refuse)
    (only,) = leftovers(ready.aws, ready.name)
    assert only.startswith("monitors/")  # kept, so that the next call finds what is left to do
    watch(ready)
    assert leftovers(ready.aws, ready.name) == []
    with pytest.raises(UserError, match="No run of .* is known"):
        find_run(ready.context(), None)


def test_a_run_is_found_by_its_copy_in_the_bucket(ready):
    path = start(ready.context(), ready.fleet)
    expected = monitor_file.load_monitor_file(path)
    path.unlink()
    assert find_run(ready.context(), None) == expected


def test_another_run_s_resources_survive(ready):
    """The classic toolkit removed what only had the name in its own."""
    other = ready.context(APP_NAME=ready.name + "2", ECS_CLUSTER=ready.name + "Cluster")
    setup(other)
    start(ready.context(), ready.fleet)
    start(other, ready.fleet)
    drain(ready)
    watch(ready)
    assert queue.find_url(ready.aws, ready.name + "2Queue")
    assert service.find(ready.aws, ready.name + "Cluster", ready.name + "2Service")["status"] == "ACTIVE"
    assert len(fleet.find_live(ready.aws, ready.name + "2")) == 1


def test_an_expired_session_is_told_and_renewed(ready):
    """In mid-run: said, tried again, and the run goes on when somebody has logged in."""
    start(ready.context(), ready.fleet)
    failing, looks, renewed = [], [], []

    def refuse(model, **rest):
        if not failing:
            return None
        error = {"Code": "ExpiredToken", "Message": "The security token included in the request is expired"}
        return type("Http", (), {"status_code": 400})(), {"Error": error, "ResponseMetadata": {}}

    ready.aws.sqs.meta.events.register("before-call", refuse)
    renew = ready.aws.renew

    def log_in():
        renewed.append(1)
        if len(renewed) == 3:  # the user has logged in again meanwhile
            failing.clear()
            renew()

    ready.aws.renew = log_in

    def world():
        looks.append(1)
        if len(looks) == 2:
            failing.append(1)
        if len(looks) == 8:
            drain(ready)

    ready.aws.clock.on_sleep = world
    watch(ready)
    told = ready.said()
    assert told.count("The session has expired: log in again") == 3
    assert "still watching" in told
    assert leftovers(ready.aws, ready.name) == []


def test_who_watches_is_said(ready):
    start(ready.context(NOTIFY_EMAIL="me@example.org"), ready.fleet)
    told = ready.said()
    assert "AUTO_MONITOR is on, but the unattended monitor is not set up in this account and region" in told
    assert "NOTIFY_EMAIL me@example.org gets no mail yet: run setupAWS once with it in config.py" in told
    assert f"Dashboard {ready.name}: https://us-east-1.console.aws.amazon.com/" in told


def test_alarms_of_hundreds_of_machines_are_deleted_a_hundred_a_call(ready):
    path = start(ready.context(), ready.fleet)
    drain(ready)
    for n in range(230):
        ready.put_alarm(f"{ready.name}_i-{n:017x}")
    calls = []
    ready.aws.cloudwatch.meta.events.register(
        "provide-client-params.cloudwatch.DeleteAlarms",
        lambda params, **rest: calls.append(len(params["AlarmNames"])),
    )
    watch(ready)
    assert calls == [100, 100, 30]
    assert leftovers(ready.aws, ready.name) == []
    assert not path.exists()
