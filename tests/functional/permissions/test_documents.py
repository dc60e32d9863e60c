"""The policies as documents: read by a linter made for it, and compared with AWS's own."""

import json
from fnmatch import fnmatchcase

import parliament
import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from distributed_something.account import policies, resources
from distributed_something.account.launcher_policy import launcher_policy
from distributed_something.aws import account
from distributed_something.aws.account import Account
from distributed_something.config import loader

WHERE = Account("aws", "123456789012", "us-east-1")
SETTINGS = loader.settings_from(
    {
        "APP_NAME": "A",
        "DOCKERHUB_TAG": "a/b:1",
        "AWS_BUCKET": "runs",
        "SOURCE_BUCKET": "images",
        "UPLOAD_FLAGS": "--acl bucket-owner-full-control",
        "SQS_DEAD_LETTER_QUEUE": "arn:aws:sqs:us-east-1:123456789012:dead",
    },
    "config.py",
)
ROLES = {role.name: role for role in resources.wanted_roles(WHERE, SETTINGS)}
DOCUMENTS = {
    f"{role.name}/{name}": document for role in ROLES.values() for name, document in role.documents.items()
} | {"launcher": launcher_policy(WHERE, SETTINGS)}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_linter_finds_nothing(name):
    """parliament knows every action, the resources and the conditions that each takes."""
    findings = parliament.analyze_policy_string(json.dumps(DOCUMENTS[name]), name).findings
    # AWS's public parameters belong to no account; the linter's pattern wants one.
    public = "parameter/"
    assert [one for one in findings if public not in str(one.detail)] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_is_allowed_wholesale(name):
    for statement in DOCUMENTS[name]["Statement"]:
        assert not [action for action in statement["Action"] if "*" in action]
        if statement["Resource"] == ["*"]:
            reads = ("Describe", "List", "Get", "Discover")
            others = [one for one in statement["Action"] if not one.split(":")[1].startswith(reads)]
            # AWS knows no resource for this one.
            assert set(others) <= {"ecs:DeregisterTaskDefinition"}


def test_only_services_of_this_account_take_the_roles():
    trusted = {name: role.trust["Statement"][0]["Principal"]["Service"] for name, role in ROLES.items()}
    assert trusted == {
        account.INSTANCE: "ec2.amazonaws.com",
        account.FLEET: "spotfleet.amazonaws.com",
        account.TASK: "ecs-tasks.amazonaws.com",
        account.MONITOR: "lambda.amazonaws.com",
        account.SCHEDULER: "scheduler.amazonaws.com",
    }


# What AWS's own policies for these two jobs allow beside, and why it is left out.
LEFT_OUT = {
    account.INSTANCE: (
        "service-role/AmazonEC2ContainerServiceforEC2Role",
        {
            "ecs:CreateCluster": "setup makes the cluster",
            "ecs:ListTagsForResource": "task tags in metadata are not asked for",
            "ecs:TagResource": "for machines that make their cluster",
            "ecs:Submit*": "the three that there are, by name",
        },
    ),
    account.FLEET: (
        "service-role/AmazonEC2SpotFleetTaggingRole",
        {
            "elasticloadbalancing:RegisterInstancesWithLoadBalancer": "no load balancers",
            "elasticloadbalancing:RegisterTargets": "no load balancers",
        },
    ),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_roles_of_aws_own_software_allow_what_aws_says_they_need(name):
    """No call of the ECS agent or of Spot Fleet can be recorded here: AWS's own policies stand for them."""
    managed, left_out = LEFT_OUT[name]
    document = json.loads(aws_managed_policies_data)[managed.split("/")[1]]["Document"]
    theirs = set()
    for statement in document["Statement"]:
        actions = statement["Action"]
        theirs |= {actions} if isinstance(actions, str) else set(actions)
    ours = {
        action
        for one in ROLES[name].documents.values()
        for statement in one["Statement"]
        for action in statement["Action"]
    }
    print(f"\n{name}: {len(ours)} actions; {managed}: {len(theirs)}; left out: {left_out}")
    assert {one for one in ours if not any(fnmatchcase(one, pattern) for pattern in theirs)} == set()
    assert theirs - ours == set(left_out)


def test_a_policy_stays_short_enough_for_iam():
    limit = 10_240  # for all inline policies of a role, without white space
    for role in ROLES.values():
        total = sum(len(json.dumps(one, separators=(",", ":"))) for one in role.documents.values())
        assert total < limit / 2, role.name


def test_each_config_adds_its_buckets():
    assert sorted(policies.bucket_policies(WHERE, SETTINGS)) == [
        "DeadLetters-dead",
        "Read-images",
        "Write-runs",
    ]
    writer = policies.bucket_policies(WHERE, SETTINGS)["Write-runs"]
    assert any("s3:PutObjectAcl" in statement["Action"] for statement in writer["Statement"])
