"""What is put into an account: the function's zip, the trust of its roles, the rights of containers.

The actions of each policy, call by call, are the affair of tests/functional/permissions.
"""

import io
import zipfile
from pathlib import PurePosixPath

import pytest

from distributed_something.account import launcher_policy, policies, resources
from distributed_something.aws import account, bucket_policy, task_definition
from distributed_something.aws.account import Account
from distributed_something.config import loader
from distributed_something.monitor import lambda_package
from tests.end_to_end.conftest import CHECKOUT

WHERE = Account("aws", "123456789012", "us-east-1")
VARIABLES = {"APP_NAME": "App", "DOCKERHUB_TAG": "me/tool:1", "AWS_BUCKET": "runs"}
SETTINGS = loader.settings_from(VARIABLES, "config.py")
ROLES = {role.name: role for role in resources.wanted_roles(WHERE, SETTINGS)}
DOCUMENTS = [
    document for role in ROLES.values() for document in (*role.documents.values(), *role.additions.values())
]


@pytest.fixture(scope="module")
def entries():
    with zipfile.ZipFile(io.BytesIO(lambda_package.build())) as archive:
        return archive.infolist()


def test_the_zip_holds_the_library_s_own_sources_and_nothing_else(entries):
    names = {entry.filename for entry in entries}
    assert "distributed_something/monitor/lambda_handler.py" in names
    for name in names:
        path = PurePosixPath(name)
        assert path.parts[0] in ("distributed_something", "worker"), name
        assert path.suffix == ".py", name
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert "\\" not in name
    assert not {one for one in names if one.endswith("config.py")}
    for folder in ("commands", "local", "checks", "report"):
        assert not [one for one in names if one.startswith(f"distributed_something/{folder}/")]


def test_its_entries_are_plain_files_that_the_function_cannot_change(entries):
    for entry in entries:
        assert entry.external_attr >> 16 == 0o644
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert not entry.extra
        assert not entry.comment


def test_it_is_the_same_each_time_and_wherever_one_stands(monkeypatch, tmp_path):
    first = lambda_package.build()
    monkeypatch.chdir(tmp_path)
    assert lambda_package.build() == first


def test_files_that_lie_about_do_not_get_into_it(monkeypatch, tmp_path):
    """A checkout with keys, notes and a link to the outside in its folders."""
    for path in [*(CHECKOUT / "worker").rglob("*.py"), *(CHECKOUT / "distributed_something").rglob("*.py")]:
        copy = tmp_path / path.relative_to(CHECKOUT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    before = lambda_package.build()
    (tmp_path / "config.py").write_text("AWS_SECRET_ACCESS_KEY = 'x'")
    (tmp_path / "outside.py").write_text("AWS_SECRET_ACCESS_KEY = 'x'")
    (tmp_path / "distributed_something" / "keys.json").write_text("{}")
    (tmp_path / "distributed_something" / ".env").write_text("x")
    (tmp_path / "distributed_something" / "linked.py").symlink_to(tmp_path / "outside.py")
    (tmp_path / "worker" / "linked.py").symlink_to("/nowhere.py")
    monkeypatch.setattr(lambda_package, "_CHECKOUT", tmp_path)
    assert lambda_package.build() == before


OF_THIS_ACCOUNT = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
# EC2, Spot Fleet and Lambda name no source when they take a role, so a condition would keep them out; there a
# role can only be passed by its own account (iam:PassRole), and each is passed to its one service.
TRUST = {
    account.INSTANCE: ("ec2.amazonaws.com", None),
    account.FLEET: ("spotfleet.amazonaws.com", None),
    account.MONITOR: ("lambda.amazonaws.com", None),
    account.TASK: ("ecs-tasks.amazonaws.com", OF_THIS_ACCOUNT),
    account.SCHEDULER: ("scheduler.amazonaws.com", OF_THIS_ACCOUNT),
}


@pytest.mark.parametrize("name", TRUST)
def test_each_role_is_taken_by_one_service_alone_and_for_this_account_where_it_says_so(name):
    service, condition = TRUST[name]
    wanted = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    assert ROLES[name].trust["Statement"] == [{**wanted, "Condition": condition} if condition else wanted]


def test_every_role_is_looked_at():
    assert set(ROLES) == set(TRUST)


def test_a_role_is_passed_to_named_services_only():
    every = [*DOCUMENTS, launcher_policy.launcher_policy(WHERE, SETTINGS)]
    passing = [one for document in every for one in document["Statement"] if "iam:PassRole" in one["Action"]]
    assert len(passing) == 2
    for statement in passing:
        assert all("*" not in resource for resource in statement["Resource"])
        assert statement["Condition"]["StringEquals"]["iam:PassedToService"]


def test_what_ends_or_deletes_asks_for_the_tag_of_a_run_where_aws_lets_it():
    """Those left are of one kind each, whose names begin with the app's or the account's."""
    untagged = set()
    for statement in policies.monitor_role_policy(WHERE)["Statement"]:
        if "Condition" not in statement:
            ending = ("Delete", "Terminate", "Cancel", "Modify", "Deregister", "Purge")
            untagged |= {one for one in statement["Action"] if one.split(":")[1].startswith(ending)}
    assert untagged == {
        "cloudwatch:DeleteAlarms",
        "cloudwatch:DeleteDashboards",
        "ecs:DeregisterTaskDefinition",
        "scheduler:DeleteSchedule",
    }


def test_nobody_but_the_logs_of_this_account_gets_into_the_bucket():
    for statement in bucket_policy.statements("arn:aws:s3:::runs", "123456789012", "us-east-1", "aws"):
        assert statement["Principal"] == {"Service": "logs.us-east-1.amazonaws.com"}
        assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == "123456789012"
        assert "aws:SourceArn" in statement["Condition"]["ArnLike"]


@pytest.mark.parametrize(("download", "privileged"), [("True", False), ("False", True)])
def test_a_container_has_no_rights_on_its_machine_unless_it_mounts_the_bucket(download, privileged):
    settings = loader.settings_from({**VARIABLES, "DOWNLOAD_FILES": download}, "config.py")
    (container,) = task_definition.build_definition(settings, "https://sqs/queue", "https://sqs/dead")[
        "containerDefinitions"
    ]
    assert container["privileged"] == privileged
    assert not {"mountPoints", "user", "linuxParameters", "dockerSecurityOptions"} & set(container)
