"""setupAWS and destroyAWS: once, again, cut off in between, refused in part; the account as it was after."""

import json
from contextlib import suppress

import pytest

from distributed_something.account.resources import SERVICE_LINKED
from distributed_something.aws import account, bucket_policy
from distributed_something.commands import destroy_aws, setup_aws
from distributed_something.commands.setup import setup
from distributed_something.commands.start_cluster import fleet_config, start
from distributed_something.errors import AwsRefusal, UserError
from distributed_something.fleet import default_roles

OWN = {
    "Sid": "Mine",
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::b",
}


EMPTY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}


class Killed(BaseException):
    """Stands for a SIGKILL between two calls."""


@pytest.fixture
def fresh(bench):
    """An account without anything of ours; nothing of it is left for other tests either."""
    destroy_aws.destroy(bench.context())
    bench.said()
    yield bench
    with suppress(AwsRefusal):
        destroy_aws.destroy(bench.context())


def outcomes(bench):
    """What was said of each piece since the last time."""
    return [line.rsplit(": ", 1)[1] for line in bench.said().splitlines() if ": " in line]


def everything(aws):
    """Names of what setupAWS may make, service-linked roles aside."""
    linked = set(SERVICE_LINKED)
    found = [
        one["RoleName"] for page in aws.iam.get_paginator("list_roles").paginate() for one in page["Roles"]
    ]
    found += [one["InstanceProfileName"] for one in aws.iam.list_instance_profiles()["InstanceProfiles"]]
    found += [one["FunctionName"] for one in aws.functions.list_functions()["Functions"]]
    found += [one["TopicArn"] for one in aws.sns.list_topics()["Topics"]]
    found += [one["Name"] for one in aws.scheduler.list_schedule_groups()["ScheduleGroups"]]
    found += [one["logGroupName"] for one in aws.logs.describe_log_groups()["logGroups"]]
    return sorted(one for one in found if one not in linked and account.NAME in one)


def policy_of(bench):
    return json.loads(bench.aws.s3.get_bucket_policy(Bucket=bench.name)["Policy"])


def test_a_dry_run_makes_nothing_and_the_second_time_everything_stands(fresh):
    context = fresh.context(NOTIFY_EMAIL="me@example.org")
    setup_aws.set_up(context, dry_run=True)
    assert set(outcomes(fresh)) <= {"would be made", "unchanged"}
    assert everything(fresh.aws) == []
    setup_aws.set_up(context)
    made = everything(fresh.aws)
    assert [one for one in made if one.startswith(account.NAME)] == [
        account.NAME,
        account.FLEET,
        account.INSTANCE,
        account.INSTANCE,
        account.MONITOR,
        account.MONITOR,
        account.SCHEDULER,
        account.TASK,
    ]
    fresh.said()
    setup_aws.set_up(context)
    assert set(outcomes(fresh)) == {"unchanged"}
    assert everything(fresh.aws) == made


def test_what_was_changed_by_hand_is_mended(fresh):
    context = fresh.context()
    setup_aws.set_up(context)
    iam = fresh.aws.iam
    iam.put_role_policy(RoleName=account.TASK, PolicyName="Worker", PolicyDocument=json.dumps(EMPTY))
    iam.remove_role_from_instance_profile(InstanceProfileName=account.INSTANCE, RoleName=account.INSTANCE)
    fresh.aws.functions.update_function_code(FunctionName=account.MONITOR, ZipFile=b"PK\x05\x06" + bytes(18))
    fresh.said()
    setup_aws.set_up(context)
    assert outcomes(fresh).count("updated") == 3
    setup_aws.set_up(context)
    assert set(outcomes(fresh)) == {"unchanged"}


def test_another_config_adds_its_buckets_and_takes_none_away(fresh):
    setup_aws.set_up(fresh.context())
    other = fresh.name + "-other"
    fresh.aws.s3.create_bucket(Bucket=other)
    setup_aws.set_up(fresh.context(AWS_BUCKET=other))
    names = fresh.aws.iam.list_role_policies(RoleName=account.TASK)["PolicyNames"]
    wanted = [f"{kind}-{bucket}" for kind in ("Read", "Write") for bucket in (fresh.name, other)]
    assert sorted(names) == sorted([*wanted, "Worker"])


def test_cut_off_before_any_change_it_is_finished_by_the_next_call(fresh):
    changes, stop_at = [], [0]

    def on_call(model, **rest):
        if not model.name.startswith(("Get", "List", "Describe")):
            changes.append(model.name)
            if len(changes) == stop_at[0]:
                raise Killed

    context = fresh.context()
    for name in ("iam", "s3", "sns", "lambda", "scheduler", "logs"):
        fresh.aws.client(name).meta.events.register("before-call", on_call)
    setup_aws.set_up(context)  # the service-linked roles stay, and are no part of this
    destroy_aws.destroy(context)
    changes.clear()
    setup_aws.set_up(context)
    every = list(changes)
    destroy_aws.destroy(context)
    for stop_at[0] in range(1, len(every) + 1):
        changes.clear()
        with pytest.raises(Killed):
            setup_aws.set_up(context)
        setup_aws.set_up(context)
        fresh.said()
        setup_aws.set_up(context)
        assert set(outcomes(fresh)) == {"unchanged"}
        destroy_aws.destroy(context)
        assert everything(fresh.aws) == []
    print(f"killed before each of {len(every)} changes: {every}")
    assert len(every) > 15


def test_what_is_refused_is_named_and_the_rest_is_made(fresh):
    def refuse(model, **rest):
        error = {
            "Code": "AuthorizationError",
            "Message": "User: arn:aws:iam::1:user/me is not authorized to perform: SNS:CreateTopic on "
            "resource: arn:aws:sns:us-east-1:1:DistributedSomething because no policy allows it",
        }
        return type("Http", (), {"status_code": 403})(), {"Error": error, "ResponseMetadata": {}}

    fresh.aws.sns.meta.events.register("before-call.sns.CreateTopic", refuse)
    with pytest.raises(AwsRefusal) as told:
        setup_aws.set_up(fresh.context())
    assert "Missing: SNS:CreateTopic on arn:aws:sns:us-east-1:1:DistributedSomething." in str(told.value)
    assert '{"Effect": "Allow", "Action": "SNS:CreateTopic", "Resource": "arn:aws:sns:' in str(told.value)
    assert account.MONITOR in everything(fresh.aws)


def test_destroying_twice_leaves_the_bucket_policy_as_it_was(fresh):
    before = {"Version": "2012-10-17", "Statement": [OWN]}
    fresh.aws.s3.put_bucket_policy(Bucket=fresh.name, Policy=json.dumps(before))
    setup_aws.set_up(fresh.context())
    assert len(policy_of(fresh)["Statement"]) == 3
    destroy_aws.destroy(fresh.context())
    assert policy_of(fresh) == before
    assert everything(fresh.aws) == []
    fresh.said()
    destroy_aws.destroy(fresh.context())
    assert set(outcomes(fresh)) == {"gone", "stays, AWS may need it"}


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("no JSON", "cannot be read as one; it was left as it is"),
        ('{"Statement": 7}', "cannot be read as one; it was left as it is"),
        (
            json.dumps({"Version": "2012-10-17", "Statement": [{**OWN, "Sid": "x" * 20_000}]}),
            "S3 takes 20,480. It was left as it is",
        ),
    ],
    ids=["no-json", "no-list", "too-long"],
)
def test_a_bucket_policy_that_cannot_take_it_is_left_alone(policy, told):
    wanted = bucket_policy.statements("arn:aws:s3:::b", "123456789012", "us-east-1", "aws")
    with pytest.raises(UserError, match=told.replace(".", r"\.")):
        bucket_policy.merged(policy, wanted, "b")


def test_destroying_is_refused_while_runs_exist(fresh):
    context = fresh.context()
    setup_aws.set_up(context)
    setup(context)
    start(context, fresh.write("fleet.json", {"LaunchSpecifications": [{}]}))
    with pytest.raises(UserError) as told:
        destroy_aws.refuse_while_runs_exist(context)
    assert f"- {fresh.name}: fleet, machine, service, task definition, queue, cluster, schedule" in str(
        told.value
    )
    assert "End them first:  python run.py cleanup" in str(told.value)


def test_after_it_a_fleet_file_need_not_name_roles(fresh):
    context = fresh.context()
    fleet = fresh.write("fleet.json", {"LaunchSpecifications": [{}]})
    before = fleet_config(context, fleet, "token")
    assert before["IamFleetRole"].endswith(default_roles.CONSOLE_FLEET)
    setup(context)
    setup_aws.set_up(context)
    with pytest.raises(UserError, match="The containers have no role yet"):
        start(context, fleet)
    setup(context)
    after = fleet_config(context, fleet, "token")
    assert after["IamFleetRole"].endswith(":role/" + account.FLEET)
    profile = after["LaunchSpecifications"][0]["IamInstanceProfile"]["Arn"]
    assert profile.endswith(":instance-profile/" + account.INSTANCE)
    family = fresh.name + "Task"
    definition = fresh.aws.ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
    assert definition["taskRoleArn"].endswith(":role/" + account.TASK)


def test_the_caller_is_checked_against_the_launchers_policy(fresh):
    """IAM's simulator is played: the emulated IAM has none."""
    denied = {"sqs:SendMessage", "ec2:RequestSpotFleet"}
    asked = []

    def simulate(model, params, **rest):
        body = params["body"]
        actions = [value for key, value in body.items() if key.startswith("ActionNames.member")]
        resources = [value for key, value in body.items() if key.startswith("ResourceArns.member")]
        asked.extend(actions)
        results = [
            {
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": "implicitDeny" if action in denied else "allowed",
            }
            for action in actions
            for resource in resources
        ]
        answer = {"EvaluationResults": results, "IsTruncated": False, "ResponseMetadata": {}}
        return type("Http", (), {"status_code": 200})(), answer

    fresh.aws.iam.meta.events.register("before-call.iam.SimulatePrincipalPolicy", simulate)
    with pytest.raises(AwsRefusal) as told:
        setup_aws.check_caller(fresh.context())
    assert "- sqs:SendMessage on arn:aws:sqs:*:123456789012:*" in str(told.value)
    assert "- ec2:RequestSpotFleet on arn:aws:ec2:*:123456789012:spot-fleet-request/*" in str(told.value)
    assert "iam:PassRole" in asked
    denied.clear()
    setup_aws.check_caller(fresh.context())
    assert "You have every permission that launching needs" in fresh.out.getvalue()
