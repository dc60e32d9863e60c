"""Each role may do what a whole run does in its name, and nothing else: calls recorded, policies replayed."""

import json
import sys
import time
from dataclasses import replace

import boto3
import pytest

from distributed_something import cli
from distributed_something.account import policies
from distributed_something.account.launcher_policy import launcher_policy
from distributed_something.aws import queue
from distributed_something.aws.account import Account
from distributed_something.aws.session import Aws
from distributed_something.checks.all_checks import findings
from distributed_something.commands import cancel, cleanup, destroy_aws, logs, make_jobs, setup_aws, status
from distributed_something.commands.failed_jobs import failed
from distributed_something.commands.monitor import Pace, monitor
from distributed_something.commands.monitor_file import find_run
from distributed_something.commands.retry_failed import retry
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import start
from distributed_something.commands.submit_job import submit
from distributed_something.errors import AwsRefusal
from distributed_something.jobs.generate.file_name_pattern import parse_pattern
from distributed_something.local.ecs_agent import EcsAgent
from distributed_something.local.moto_extensions.spot_fleet import MISSING_PROFILE
from distributed_something.monitor.lambda_handler import one_step
from tests.functional.commands.conftest import Bench, Clock
from tests.functional.permissions.actions import granted, needed, unmet
from tests.functional.permissions.recording import record
from tests.functional.worker.rig import CHECKOUT, WORKER, Rig
from tests.functional.worker.test_container import machine  # noqa: F401 - a fixture
from tests.waiting import wait_until

WHERE = Account("aws", "123456789012", "us-east-1")
RECORDER = CHECKOUT / "tests" / "functional" / "permissions" / "recording.py"


@pytest.fixture
def bench(moto, unique, tmp_path):
    clock = Clock(time.time())

    def way(calls):
        def make():
            session = boto3.Session(
                aws_access_key_id="rehearsal", aws_secret_access_key="rehearsal", region_name="us-east-1"
            )
            record(session._session, lambda *call: calls.append(call))
            return session

        return Aws(make, moto.endpoint_url, clock)

    made = Bench(way([]), tmp_path, unique)
    made.way = way
    source = unique + "-source"
    for bucket in (unique, source):
        made.aws.s3.create_bucket(Bucket=bucket)
    made.variables.update(NOTIFY_EMAIL="me@example.org", DOCKER_CORES=1, SOURCE_BUCKET=source)
    setup_aws.set_up(made.context())
    yield made
    destroy_aws.destroy(made.context())


class Machines:
    """Plays the ECS agents of the run's machines, and its workers."""

    def __init__(self, bench):
        self.aws, self.bench = bench.aws, bench
        self.cluster = bench.name + "Cluster"
        self.agent = EcsAgent(bench.aws, self.cluster)
        self.tasks = {}

    def join(self):
        found = self.aws.ec2.describe_instances(
            Filters=[{"Name": "tag:DistributedSomething", "Values": [self.bench.name]}]
        )
        for reservation in found["Reservations"]:
            for one in reservation["Instances"]:
                host = self.agent.register(one["InstanceId"])
                family, service = self.bench.name + "Task", self.bench.name + "Service"
                self.tasks[host] = self.agent.started(host, family, service)

    def work(self, host):
        """Its container is at work, and so protected."""
        self.agent.protect(self.tasks[host].rsplit("/", 1)[1], "0", busy=True)

    def drain(self):
        """ECS ends what is not protected on machines that are draining."""
        for host in self.agent.draining():
            if host in self.tasks:
                self.agent.ended(self.tasks.pop(host), "draining")

    def leave(self):
        """They have been terminated."""
        for arn in self.aws.ecs.list_container_instances(cluster=self.cluster)["containerInstanceArns"]:
            self.agent.deregister(arn)


def begin(bench, context):
    """setup, submitJob, startCluster, in the launcher's name. Returns the machines."""
    setup(context)
    submit(context, bench.write("job.json", {"groups": [{"n": 1}, {"n": 2}]}))
    start(context, bench.write("fleet.json", {"LaunchSpecifications": [{}]}))
    machines = Machines(bench)
    machines.join()
    bench.put_alarm(f"{bench.name}_i-0123456789abcdef0")
    return machines


def play(bench, machines):
    """At each look of a monitor: first one of two jobs is left, so a machine goes; then none."""
    hosts = list(machines.tasks)
    machines.work(hosts[0])
    url = queue.find_url(bench.aws, bench.name + "Queue")
    message = bench.aws.sqs.receive_message(QueueUrl=url)["Messages"][0]
    bench.aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    looks = []

    def world():
        looks.append(1)
        machines.drain()
        if len(looks) == 75:  # more than an hour: dead machines' alarms are looked for
            bench.aws.sqs.purge_queue(QueueUrl=url)
            machines.leave()

    return world


def look_around(bench, launching):
    """status, logs, failedJobs and retryFailed, with a job that failed and nothing that moves."""
    name, logs_client = bench.name, bench.aws.logs
    for group, stream, line in (
        (name, "1", "Attempt 1"),
        (name + "_jobs", "w", json.dumps({"job": "1", "outcome": "TOOL_FAILED", "reason": "exit 3"})),
    ):
        logs_client.create_log_stream(logGroupName=group, logStreamName=stream)
        event = {"timestamp": int(bench.aws.clock.now() * 1000) + 5000, "message": line}
        logs_client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
    fleet = bench.write("fleet.json", {"LaunchSpecifications": [{}]})
    list(findings(launching.aws, replace(launching.settings, ssh_key_name="key"), fleet))
    status.look(launching, find_run(launching, None))
    logs.of_jobs(launching, "1")
    logs.failed(launching)
    logs.machines(launching)
    dead = queue.find_url(bench.aws, name + "Dead")
    queue.send_batch(bench.aws, dead, ['{"group": {"n": 1}}'], name)
    assert len(failed(launching)) == retry(launching) == 1
    url = queue.find_url(bench.aws, name + "Queue")
    message = queue.receive(bench.aws, url, 60)
    queue.delete_messages(bench.aws, url, message[:1])
    queue.give_back(bench.aws, url, message[1:])


def replay(calls, documents):
    """(missing, unused): calls that the policies do not allow, and actions that nobody needs."""
    wanted = {}
    for call in calls:
        for action, names in needed(*call):
            wanted.setdefault(action, []).append(names)
    missing = [
        (action, unmet(documents, action, names))
        for action, all_names in sorted(wanted.items())
        for names in all_names
        if unmet(documents, action, names)
    ]
    unused = sorted(granted(documents) - set(wanted))
    table = [f"  {action:<40}{len(all_names):>6}" for action, all_names in sorted(wanted.items())]
    print("\n".join([f"  {'action':<40}{'calls':>6}", *table]))
    return sorted(set(missing)), unused


def test_the_unattended_monitor_may_do_what_it_does(bench):
    machines = begin(bench, bench.context())
    calls = []
    aws = bench.way(calls)
    world = play(bench, machines)
    event = {
        "bucket": bench.name,
        "key": f"monitors/{bench.name}SpotFleetRequestId.json",
        "schedule": bench.name,
        "cheapest": False,
    }
    for _ in range(100):
        done = one_step(aws, event)
        bench.aws.clock.sleep(60)
        world()
        if done == "the run has ended":
            break
    assert done == "the run has ended"
    documents = [policies.monitor_role_policy(WHERE), policies.run_bucket_policy(WHERE, bench.name)]
    missing, unused = replay(calls, documents)
    assert missing == []
    # Lambda itself writes the log; S3 says 'forbidden' of a file that is not there to who may not list.
    assert unused == ["logs:CreateLogStream", "logs:PutLogEvents", "s3:ListBucket"]


def test_the_launcher_may_do_what_the_commands_do(bench):
    calls = []
    context = bench.context()
    launching = replace(context, aws=bench.way(calls))
    setup(launching)
    bench.aws.s3.put_object(Bucket=launching.settings.source_bucket, Key="images/1.tif")
    files = make_jobs.Wanted(bench.folder / "made.json", parse_pattern("{n}.tif"), "images/")
    assert make_jobs.make(launching, files) == 1
    profile = {"Arn": WHERE.instance_profile(MISSING_PROFILE)}
    lame = bench.write("lame.json", {"LaunchSpecifications": [{"IamInstanceProfile": profile}]})
    with pytest.raises(AwsRefusal, match="EC2 starts no machine"):
        start(launching, lame)
    machines = begin(bench, launching)
    look_around(bench, launching)
    launching.aws.clock.on_sleep = play(bench, machines)
    monitor(launching, find_run(launching, None), False, Pace())
    launching.aws.clock.on_sleep = lambda: None
    # And a run whose monitor file is lost.
    bench.aws.clock.sleep(60)
    changed = bench.context(MEMORY=999, SQS_MESSAGE_VISIBILITY=99)
    setup(replace(changed, aws=launching.aws))
    again = begin(bench, launching)
    for path in (bench.folder / "files").iterdir():
        path.unlink()
    bench.aws.s3.delete_object(Bucket=bench.name, Key=f"monitors/{bench.name}SpotFleetRequestId.json")
    again.leave()
    cleanup.remove(launching, cleanup.listed(launching, bench.name))
    bench.aws.clock.sleep(60)
    begin(bench, launching).leave()
    stop = cli.parser().parse_args(["cancel", "--yes"])
    cancel.run(stop, launching)
    document = launcher_policy(WHERE, context.settings)
    assert replay(calls, [document]) == ([], [])
    assert len(json.dumps(document, separators=(",", ":"))) <= 6144  # what IAM takes as a managed policy


@pytest.fixture
def rig(moto, unique, tmp_path):
    made = Rig(moto, unique, tmp_path)
    made.calls = tmp_path / "calls.jsonl"
    made.program = {
        "argv": [sys.executable, str(RECORDER), str(made.calls), made.program["argv"][1]],
        "variables": {},
    }
    yield made
    made.close()


def test_the_workers_may_do_what_they_do(rig, machine):  # noqa: F811
    """Inputs, results in one part and in many, a job done before, one that fails, a message that is none."""
    instance, metadata = machine
    rig.logs.create_log_group(logGroupName=rig.name + "_perInstance")
    rig.put("in/a.txt")
    rig.send({"n": "1"})
    rig.send({"n": "1"})
    rig.send({"n": "0"})
    rig.send_body("no job")
    command = (
        "sh -c 'test {n!q} = 1 && cp {input}/a.txt {output} && head -c 100000000 /dev/zero > {output}/large'"
    )
    settings = {"INPUT": "in/", "CHECK_IF_DONE_BOOL": "True", "EXPECTED_NUMBER_FILES": 2}
    rig.work(command, AWS_EC2_METADATA_SERVICE_ENDPOINT=metadata, **settings)
    assert sorted(rig.outcomes()) == [
        "ALREADY_DONE",
        "INPUT_PROBLEM",
        "SUCCESS",
        *["TOOL_FAILED"] * 3,
    ]
    rig.program["argv"][3] = str(WORKER.with_name("container-main.py"))
    rig.work("true", AWS_EC2_METADATA_SERVICE_ENDPOINT=metadata)
    rig.program["argv"][3] = str(WORKER.with_name("instance-monitor.py"))
    before = rig.calls.read_text().count("PutLogEvents")
    health = rig.start(INSTANCE_ID=instance, MONITOR_SECONDS=0.1)
    wait_until(lambda: rig.calls.read_text().count("PutLogEvents") > before, "it tells of its health")
    rig.stop(health)
    calls = [json.loads(line) for line in rig.calls.read_text().splitlines()]
    calls.append(("ecs", "UpdateTaskProtection", {}))  # by the ECS agent, with the container's role
    documents = [
        policies.task_role_policy(WHERE),
        policies.read_policy(WHERE, rig.name),
        policies.write_policy(WHERE, rig.name, with_acl=False),
    ]
    assert replay(calls, documents) == ([], [])
