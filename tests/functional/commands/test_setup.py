"""setup: what it makes, that twice changes nothing, and that changes of config.py arrive."""

import json

import pytest

from distributed_something.aws import task_definition
from distributed_something.commands.setup import setup
from distributed_something.errors import UserError


def outcomes(bench):
    """What became of each resource: {kind: made, updated or unchanged}."""
    lines = [line for line in bench.said().splitlines() if ": " in line]
    return {line[:18].strip(): line.rsplit(": ", 1)[1] for line in lines}


def test_everything_is_made_with_its_tags(bench):
    setup(bench.context())
    assert set(outcomes(bench).values()) == {"made"}
    aws, name = bench.aws, bench.name
    url = aws.sqs.get_queue_url(QueueName=name + "Queue")["QueueUrl"]
    assert aws.sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"DistributedSomething": name}
    attributes = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["MessageRetentionPeriod"] == str(14 * 24 * 3600)
    assert attributes["VisibilityTimeout"] == "60"
    policy = json.loads(attributes["RedrivePolicy"])
    assert policy["deadLetterTargetArn"].endswith(":" + name + "Dead")
    assert policy["maxReceiveCount"] == 10
    for group in ("", "_perInstance", "_jobs"):
        (found,) = aws.logs.describe_log_groups(logGroupNamePrefix=name + group)["logGroups"][:1]
        assert found["retentionInDays"] == 60


def test_the_service_starts_nothing_and_may_be_drained(bench):
    setup(bench.context())
    (service,) = bench.aws.ecs.describe_services(
        cluster=bench.name + "Cluster", services=[bench.name + "Service"]
    )["services"]
    assert service["desiredCount"] == 0
    assert service["deploymentConfiguration"]["minimumHealthyPercent"] == 0


def test_the_task_definition_has_roles_and_no_keys(bench):
    setup(bench.context(TASK_ROLE="my-role", PLUGINS="all"))
    made = task_definition.latest(bench.aws, bench.name + "Task")
    (container,) = made["containerDefinitions"]
    variables = {one["name"]: one["value"] for one in container["environment"]}
    assert not any("KEY" in name or "SECRET" in name for name in variables)
    assert variables["COMMAND"] == "tool {n}"
    assert variables["PLUGINS"] == "all"
    assert variables["SQS_QUEUE_URL"].endswith("/" + bench.name + "Queue")
    assert made["taskRoleArn"].endswith("my-role")
    assert container["privileged"] is False
    assert container["stopTimeout"] == 110
    assert container["logConfiguration"]["options"]["max-buffer-size"] == "25m"
    assert made["placementConstraints"] == [
        {"type": "memberOf", "expression": f"attribute:app == {bench.name}"}
    ]


def test_only_a_mounted_bucket_makes_the_container_privileged(bench):
    setup(bench.context(DOWNLOAD_FILES="False"))
    assert (
        task_definition.latest(bench.aws, bench.name + "Task")["containerDefinitions"][0]["privileged"]
        is True
    )


def test_twice_changes_nothing(bench):
    setup(bench.context())
    bench.said()
    setup(bench.context())
    assert set(outcomes(bench).values()) == {"unchanged"}
    revisions = bench.aws.ecs.list_task_definitions(familyPrefix=bench.name + "Task")
    assert len(revisions["taskDefinitionArns"]) == 1


@pytest.mark.parametrize(
    ("change", "updated"),
    [
        ({"SQS_MESSAGE_VISIBILITY": 120}, ["Queue", "Service", "Task definition"]),
        ({"JOB_RETRIES": 3}, ["Queue", "Service", "Task definition"]),
        ({"MEMORY": 2000}, ["Service", "Task definition"]),
        ({"COMMAND": "other {n}"}, ["Service", "Task definition"]),
        ({"TASK_ROLE": "my-role"}, ["Service", "Task definition"]),
        ({"EXTRA": "1"}, ["Service", "Task definition"]),
        ({"MACHINE_PRICE": 0.5}, []),
    ],
    ids=str,
)
def test_what_changed_in_config_py_is_updated_and_back_again(bench, change, updated):
    setup(bench.context())
    bench.said()
    for variables in (change, {}):
        setup(bench.context(**variables))
        changed = [kind for kind, outcome in outcomes(bench).items() if outcome == "updated"]
        assert sorted(changed) == updated


def test_a_service_that_is_scaled_up_keeps_its_count(bench):
    setup(bench.context())
    names = {"cluster": bench.name + "Cluster", "service": bench.name + "Service"}
    bench.aws.ecs.update_service(**names, desiredCount=5)
    setup(bench.context(MEMORY=2000))
    (service,) = bench.aws.ecs.describe_services(cluster=names["cluster"], services=[names["service"]])[
        "services"
    ]
    assert service["desiredCount"] == 5
    assert service["taskDefinition"].endswith(":2")


def test_a_queue_name_that_was_just_deleted_is_waited_for(bench):
    refusals = [1, 2, 3]

    def refuse(**call):
        if refusals and call["params"]["body"] and bench.name + "Queue" in str(call["params"]["body"]):
            refusals.pop()
            error = {"Code": "AWS.SimpleQueueService.QueueDeletedRecently", "Message": "wait 60 seconds"}
            return type("Http", (), {"status_code": 400})(), {"Error": error, "ResponseMetadata": {}}
        return None

    bench.aws.sqs.meta.events.register("before-call.sqs.CreateQueue", refuse)
    setup(bench.context())
    said = bench.said()
    assert refusals == []
    assert said.count("was deleted less than 60 s ago; waiting") == 1
    assert bench.aws.clock.slept == [5.0, 5.0, 5.0]


def test_a_dead_letter_queue_may_be_named_by_its_arn(bench):
    aws = bench.aws
    url = aws.sqs.create_queue(QueueName=bench.name + "Other")["QueueUrl"]
    arn = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    setup(bench.context(SQS_DEAD_LETTER_QUEUE=arn))
    with pytest.raises(UserError, match="there is no queue arn:aws:sqs:us-east-1:123456789012:nowhere"):
        setup(bench.context(SQS_DEAD_LETTER_QUEUE="arn:aws:sqs:us-east-1:123456789012:nowhere"))


def test_names_that_only_begin_alike_are_left_alone(bench):
    """The classic toolkit took cluster 'rod' for 'prod', and queue X_other for X."""
    other = bench.context(APP_NAME=bench.name + "Task2", ECS_CLUSTER=bench.name + "ClusterB")
    setup(other)
    bench.said()
    setup(bench.context())
    found = outcomes(bench)
    assert found.pop("Dead-letter queue") == "unchanged"
    assert set(found.values()) == {"made"}
