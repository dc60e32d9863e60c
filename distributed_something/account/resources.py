"""The resources that setupAWS creates and destroyAWS removes; both can be repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterable

from ..aws import account, bucket_policy, lambda_function, logs, roles, scheduler, sns_topic
from ..aws.account import Account
from ..aws.errors import explain
from ..aws.roles import Role
from ..aws.session import Aws
from ..config.settings import Settings
from ..errors import AwsRefusal, DistributedSomethingError
from ..monitor import lambda_package
from . import policies

MADE, SAME = "made", "unchanged"

# Service-linked roles, {name: service}. They belong to the account and are never removed.
SERVICE_LINKED = {
    "AWSServiceRoleForEC2Spot": "spot.amazonaws.com",
    "AWSServiceRoleForEC2SpotFleet": "spotfleet.amazonaws.com",
    "AWSServiceRoleForECS": "ecs.amazonaws.com",
    "AWSServiceRoleForCloudWatchEvents": "events.amazonaws.com",
}


@dataclass(frozen=True)
class Resource:
    """``compare`` returns what ``ensure`` would do: "unchanged", "updated" or "made".

    ``remove`` returns whether there was something to remove. It is None for what cannot be removed by itself;
    ``stays`` gives the reason.
    """

    what: str
    name: str
    compare: Callable[[], str]
    ensure: Callable[[], str]
    remove: Callable[[], bool] | None
    stays: str = ""


def account_resources(aws: Aws, settings: Settings) -> list[Resource]:
    """All resources for this account and config.py, each after those it needs."""
    where = Account.of(aws)
    return [
        *[_service_linked(aws, name, service) for name, service in SERVICE_LINKED.items()],
        *[_role(aws, role) for role in wanted_roles(where, settings)],
        _bucket_policy(aws, where, settings.aws_bucket),
        _topic(aws, where),
        *([_subscription(aws, where, settings.notify_email)] if settings.notify_email else []),
        _function_log(aws),
        _function(aws, where),
        _schedule_group(aws),
    ]


def apply_to_each(
    todo: Iterable[Resource], act: Callable[[Resource], str], say: Callable[[str], None], again: str
) -> None:
    """Act on every resource and print the outcome.

    After all were tried, raises AwsRefusal naming those that AWS refused. ``again``: the command that retries
    them.
    """
    refused = []
    for resource in todo:
        try:
            outcome = act(resource)
        except Exception as error:
            told = error if isinstance(error, DistributedSomethingError) else explain(error)
            if told is None:
                raise
            refused.append(f"- {resource.what} {resource.name}: {told}")
            outcome = "not possible, see below"
        say(f"{resource.what:<18}{resource.name}: {outcome}")
    if refused:
        raise AwsRefusal("Not all was possible:\n" + "\n".join(refused) + f"\nMend it, and repeat:  {again}")


def wanted_roles(where: Account, settings: Settings) -> list[Role]:
    """The five roles."""
    run_bucket = {f"Run-{settings.aws_bucket}": policies.run_bucket_policy(where, settings.aws_bucket)}
    return [
        Role(
            account.INSTANCE,
            policies.trust_policy("ec2.amazonaws.com"),
            {"EcsAgent": policies.instance_role_policy(where)},
            with_profile=True,
        ),
        Role(
            account.FLEET,
            policies.trust_policy("spotfleet.amazonaws.com"),
            {"Fleet": policies.fleet_role_policy(where)},
        ),
        Role(
            account.TASK,
            policies.trust_policy("ecs-tasks.amazonaws.com", where),
            {"Worker": policies.task_role_policy(where)},
            additions=policies.bucket_policies(where, settings),
        ),
        Role(
            account.MONITOR,
            policies.trust_policy("lambda.amazonaws.com"),
            {"Monitor": policies.monitor_role_policy(where)},
            additions=run_bucket,
        ),
        Role(
            account.SCHEDULER,
            policies.trust_policy("scheduler.amazonaws.com", where),
            {"Invoke": policies.scheduler_role_policy(where)},
        ),
    ]


def _service_linked(aws: Aws, name: str, service: str) -> Resource:
    return _made_once(
        "AWS's own role",
        name,
        lambda: roles.service_linked(aws, name),
        lambda: roles.make_service_linked(aws, service),
        None,
        "stays, AWS may need it",
    )


def _role(aws: Aws, role: Role) -> Resource:
    return Resource(
        "Role and profile" if role.with_profile else "Role",
        role.name,
        lambda: roles.compare(aws, role),
        lambda: roles.ensure(aws, role),
        lambda: roles.remove(aws, role.name),
    )


def _bucket_policy(aws: Aws, where: Account, bucket: str) -> Resource:
    wanted = bucket_policy.statements(where.bucket(bucket), where.number, where.region, where.partition)
    return Resource(
        "Log exports into",
        bucket,
        lambda: bucket_policy.compare(aws, bucket, wanted),
        lambda: bucket_policy.ensure(aws, bucket, wanted),
        lambda: bucket_policy.remove(aws, bucket),
    )


def _topic(aws: Aws, where: Account) -> Resource:
    return _made_once(
        "Topic of mails",
        account.NAME,
        lambda: sns_topic.topic_exists(aws, where.topic),
        lambda: sns_topic.make_topic(aws, account.NAME),
        lambda: sns_topic.delete_topic(aws, where.topic),
    )


def _subscription(aws: Aws, where: Account, address: str) -> Resource:
    return _made_once(
        "Mails to",
        address,
        lambda: (
            sns_topic.topic_exists(aws, where.topic)
            and bool(sns_topic.subscription(aws, where.topic, address))
        ),
        lambda: sns_topic.subscribe(aws, where.topic, address),
        None,
        "gone with the topic",
    )


def _function_log(aws: Aws) -> Resource:
    """Created here, because a log group created by Lambda is kept for ever."""
    name = f"/aws/lambda/{account.MONITOR}"
    return Resource(
        "Log group",
        name,
        lambda: SAME if logs.find_group(aws, name) else MADE,
        lambda: logs.ensure_group(aws, name, account.MONITOR),
        lambda: logs.delete_group(aws, name),
    )


def _function(aws: Aws, where: Account) -> Resource:
    zipped = lambda_package.build()
    role = where.role(account.MONITOR)
    return Resource(
        "Lambda function",
        account.MONITOR,
        lambda: lambda_function.compare(aws, account.MONITOR, zipped),
        lambda: lambda_function.ensure(aws, account.MONITOR, lambda_package.HANDLER, role, zipped),
        lambda: lambda_function.delete(aws, account.MONITOR),
    )


def _schedule_group(aws: Aws) -> Resource:
    return _made_once(
        "Schedule group",
        account.NAME,
        lambda: scheduler.group_exists(aws, account.NAME),
        lambda: scheduler.make_group(aws, account.NAME),
        lambda: scheduler.delete_group(aws, account.NAME),
    )


def _made_once(
    what: str,
    name: str,
    exists: Callable[[], bool],
    make: Callable[[], None],
    remove: Callable[[], bool] | None,
    stays: str = "",
) -> Resource:
    """A resource that either exists or not, and never differs."""

    def compare() -> str:
        return SAME if exists() else MADE

    def ensure() -> str:
        outcome = compare()
        if outcome == MADE:
            make()
        return outcome

    return Resource(what, name, compare, ensure, remove, stays)
