"""`run.py destroyAWS`: removes from the account what setupAWS created, once no run needs it.

It can be repeated. Service-linked roles stay, because other things in the account may use them.
"""

from __future__ import annotations

import argparse

from ..account.resources import MADE, Resource, account_resources, apply_to_each
from ..errors import UserError
from ..run import discovery
from .context import Context

EXAMPLE = "python run.py destroyAWS --dry-run"
MUST_BE_EDITED = ("AWS_BUCKET",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be removed, and remove nothing"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: argparse.Namespace, context: Context) -> None:
    refuse_while_runs_exist(context)
    if arguments.dry_run:
        destroy(context, dry_run=True)
        return
    question = "Remove roles, unattended monitor, topic and the permission for log exports of this account?"
    if not context.console.confirm(question, arguments.yes):
        context.console.say("Nothing was removed")
        return
    destroy(context)
    context.console.result("The account holds nothing of Distributed-Something but results and logs")


def refuse_while_runs_exist(context: Context) -> None:
    """Raise UserError listing the runs of this account and region."""
    found = discovery.find_runs(context.aws, context.settings)
    if found:
        raise UserError(
            "There are runs that need what setupAWS made:\n"
            + "\n".join(
                f"- {one.app_name}: " + ", ".join(dict.fromkeys(resource.kind for resource in one.resources))
                for one in found
            )
            + "\nEnd them first:  "
            + context.command("cleanup")
        )


def destroy(context: Context, dry_run: bool = False) -> None:
    """Remove the resources in reverse order. Raises AwsRefusal naming those that AWS refused to remove."""

    def act(resource: Resource) -> str:
        if resource.remove is None:
            return resource.stays
        if dry_run:
            return "gone" if resource.compare() == MADE else "would be removed"
        return "removed" if resource.remove() else "gone"

    todo = reversed(account_resources(context.aws, context.settings))
    apply_to_each(todo, act, context.console.say, context.command("destroyAWS"))
