"""`run.py setup`: creates what costs nothing: queues, cluster, log groups, task definition, service.

Each resource is created if missing, updated if config.py has changed, and otherwise left alone.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Callable

from ..aws import cluster, logs, queue, service, task_definition
from ..errors import AwsRefusal, UserError
from ..fleet import default_roles
from .context import Context

EXAMPLE = "python run.py setup"
MUST_BE_EDITED = ("DOCKERHUB_TAG", "AWS_BUCKET")

# The name of a deleted queue is free after a minute; beyond this something else is wrong.
_ATTEMPTS = 30
_POLL_SECONDS = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """setup needs only config.py."""


def run(arguments: argparse.Namespace, context: Context) -> None:
    setup(context)
    context.console.next_command(context.command("submitJob files/exampleJob.json"))


def setup(context: Context) -> None:
    """Create or update the run's resources, and report each as made, updated or unchanged."""
    aws, settings = context.aws, context.settings

    def report(what: str, name: str, outcome: str) -> None:
        context.console.say(f"{what:<18}{name}: {outcome}")

    for group in settings.log_groups:
        report("Log group", group, logs.ensure_group(aws, group, settings.app_name))

    dead_letter_url = _dead_letter_queue(context, report)
    report(
        "Queue",
        settings.sqs_queue_name,
        _queue_once_name_is_free(
            context,
            settings.sqs_queue_name,
            lambda: queue.ensure(
                aws,
                settings.sqs_queue_name,
                queue.job_queue_attributes(
                    settings.sqs_message_visibility,
                    settings.job_retries,
                    queue.get_arn(aws, dead_letter_url),
                ),
                settings.app_name,
            ),
        ),
    )
    queue_url = _known_url(context, settings.sqs_queue_name)
    report(
        "Cluster",
        settings.ecs_cluster,
        cluster.ensure(aws, settings.ecs_cluster, settings.app_name),
    )
    with_role = replace(settings, task_role=settings.task_role or default_roles.find_default_roles(aws).task)
    wanted = task_definition.build_definition(with_role, queue_url, dead_letter_url)
    report("Task definition", settings.task_family, task_definition.ensure(aws, wanted, settings.app_name))
    newest = task_definition.latest(aws, settings.task_family)
    if newest is None:
        raise AwsRefusal(f"ECS does not show the task definition {settings.task_family}; try again")
    report(
        "Service",
        settings.service_name,
        service.ensure(
            aws,
            settings.ecs_cluster,
            settings.service_name,
            settings.task_family,
            newest["taskDefinitionArn"],
            settings.app_name,
        ),
    )


def _dead_letter_queue(context: Context, report: Callable[[str, str, str], None]) -> str:
    """The dead-letter queue's URL. A queue given as an ARN must already exist."""
    name = context.settings.sqs_dead_letter_queue
    if name.startswith("arn:"):
        url = queue.find_url(context.aws, name)
        if url is None:
            raise UserError(
                f"SQS_DEAD_LETTER_QUEUE of config.py: there is no queue {name}; name one that exists, or "
                "write a plain name and it is made"
            )
        report("Dead-letter queue", name, "unchanged")
        return url
    outcome = _queue_once_name_is_free(
        context,
        name,
        lambda: queue.ensure(context.aws, name, queue.dead_letter_attributes(), queue.SHARED),
    )
    report("Dead-letter queue", name, outcome)
    return _known_url(context, name)


def _queue_once_name_is_free(context: Context, name: str, ensure: Callable[[], str]) -> str:
    """Wait until a deleted queue's name is free again: AWS blocks it for a minute."""
    aws = context.aws
    for attempt in range(_ATTEMPTS):
        try:
            return ensure()
        except aws.sqs.exceptions.ClientError as error:
            if not queue.was_deleted_recently(error):
                raise
        if attempt == 0:
            context.console.say(
                f"A queue named {name} was deleted less than {queue.NAME_BLOCKED_SECONDS} s ago; waiting "
                "until AWS gives the name back"
            )
        aws.clock.sleep(_POLL_SECONDS)
    raise AwsRefusal(f"AWS keeps the name of the deleted queue {name} blocked; try again in a minute")


def _known_url(context: Context, name: str) -> str:
    """The queue's URL. A new queue may be unknown for a moment."""
    for _ in range(_ATTEMPTS):
        url = queue.find_url(context.aws, name)
        if url is not None:
            return url
        context.aws.clock.sleep(1)
    raise AwsRefusal(f"SQS does not show the queue {name}; try again")
