"""`run.py setupAWS`: prepares an account, once: roles, unattended monitor, permission to export logs.

Each resource is created if missing, updated if it differs, and otherwise left alone; the command can be
repeated. At the end it prints the policy for users who launch runs.
"""

from __future__ import annotations

import argparse
import json

from ..account.launcher_policy import launcher_policy
from ..account.policies import Document
from ..account.resources import SAME, Resource, account_resources, apply_to_each
from ..aws import policy_simulator
from ..aws.account import Account
from ..errors import AwsRefusal
from .context import Context

EXAMPLE = "python run.py setupAWS --dry-run"
MUST_BE_EDITED = ("AWS_BUCKET",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would be made, and make nothing")
    parser.add_argument(
        "--check-caller",
        action="store_true",
        help="make nothing; ask IAM whether you have every permission that launching needs",
    )
    parser.add_argument(
        "--print-policy",
        action="store_true",
        help="make nothing; print the policy of a user who launches runs",
    )


def run(arguments: argparse.Namespace, context: Context) -> None:
    if arguments.check_caller:
        check_caller(context)
        return
    if arguments.print_policy:
        context.console.result(json.dumps(_policy(context), indent=1))
        return
    set_up(context, arguments.dry_run)
    if arguments.dry_run:
        context.console.next_command(context.command("setupAWS"))
        return
    if context.settings.notify_email:
        context.console.say(
            f"Mails go to {context.settings.notify_email} once that is confirmed, in the mail that AWS sends"
        )
    context.console.say("The policy that a user needs who launches runs:")
    context.console.result(json.dumps(_policy(context), indent=1))
    context.console.say("Whether you have it:  " + context.command("setupAWS --check-caller"))
    context.console.next_command(context.command("setup"))


def set_up(context: Context, dry_run: bool = False) -> None:
    """Create the resources, or show what would be made. Raises AwsRefusal naming those that AWS refused."""

    def act(resource: Resource) -> str:
        if not dry_run:
            return resource.ensure()
        outcome = resource.compare()
        return outcome if outcome == SAME else f"would be {outcome}"

    apply_to_each(
        account_resources(context.aws, context.settings),
        act,
        context.console.say,
        context.command("setupAWS"),
    )


def check_caller(context: Context) -> None:
    """Ask IAM about every action of the launcher's policy. Raises AwsRefusal naming what is missing."""
    policy = _policy(context)
    missing = policy_simulator.missing_permissions(context.aws, policy)
    if missing:
        raise AwsRefusal(
            f"You lack {len(missing)} permissions that launching needs:\n"
            + "\n".join(f"- {action} on {resource}" for action, resource in missing)
            + "\nAsk who keeps the account for this policy:\n"
            + json.dumps(policy, indent=1)
        )
    context.console.result("You have every permission that launching needs")
    context.console.next_command(context.command("setup"))


def _policy(context: Context) -> Document:
    return launcher_policy(Account.of(context.aws), context.settings)
