"""`run.py cleanup [APP_NAME]`: lists what runs left in the account and, once you confirm, removes it.

Use it when a run's monitor file is lost: resources are found by their tags. Results and logs are kept.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import time
from dataclasses import asdict

from ..aws import queue
from ..errors import AwsRefusal, Interrupted, UserError
from ..monitor.shutdown import end_run
from ..run import discovery
from ..run.discovery import FoundRun
from .context import Context

EXAMPLE = "python run.py cleanup --older-than 7d"
MUST_BE_EDITED = ("AWS_BUCKET",)

_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "app_name", metavar="APP_NAME", nargs="?", default="", help="this run only; by default every one"
    )
    parser.add_argument(
        "--older-than",
        metavar="AGE",
        type=age,
        default=0.0,
        help="only runs of which nothing was made since: 90m, 12h, 7d, 2w",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="print the list as JSON, and remove nothing")


def run(arguments: argparse.Namespace, context: Context) -> None:
    found = listed(context, arguments.app_name, arguments.older_than)
    if arguments.json:
        document = {one.app_name: [asdict(resource) for resource in one.resources] for one in found}
        context.console.result(json.dumps(document, indent=1))
        return
    if not found:
        context.console.result("Nothing is left of any run" if not arguments.app_name else "Nothing is left")
        return
    for one in found:
        context.console.result("\n".join(_lines(context, one)))
    many = "this run" if len(found) == 1 else f"these {len(found)} runs"
    if not context.console.confirm(f"End and remove {many}? Results and logs stay", arguments.yes):
        context.console.say("Nothing was removed")
        return
    remove(context, found)
    context.console.result("Removed; results and logs are still there")


def listed(context: Context, app_name: str = "", older_than: float = 0.0) -> list[FoundRun]:
    """The runs in the account. Raises UserError for an unknown name, suggesting the nearest."""
    found = discovery.find_runs(context.aws, context.settings, app_name)
    if app_name and not found:
        others = [one.app_name for one in discovery.find_runs(context.aws, context.settings)]
        near = difflib.get_close_matches(app_name, others, n=1)
        hint = f"did you mean {near[0]}?" if near else "there are: " + (", ".join(others) or "none")
        raise UserError(f"Nothing in this account and region belongs to a run {app_name}; {hint}")
    now = context.aws.clock.now()
    return [one for one in found if not older_than or now - (one.last_made or 0.0) >= older_than]


def remove(context: Context, found: list[FoundRun]) -> None:
    """End each of the runs. Raises AwsRefusal naming what could not be removed."""
    left = []
    for one in found:
        context.console.say(f"{one.app_name}:")
        for run_file in discovery.monitor_files_of(context.aws, context.settings, one):
            try:
                ended = end_run(context.aws, run_file, context.files, context.console.say)
            except KeyboardInterrupt:
                again = context.command("cleanup", one.app_name)
                raise Interrupted(f"Interrupted. Finish it with:  {again}") from None
            left += [f"{one.app_name}: {reason}" for reason in ended.refused + ended.waiting]
    if left:
        raise AwsRefusal(
            "Not everything could be removed:\n"
            + "\n".join("- " + reason for reason in dict.fromkeys(left))
            + "\nFinish it with:  "
            + context.command("cleanup")
        )


def age(text: str) -> float:
    """'7d' as seconds."""
    found = re.fullmatch(r"(\d+)([mhdw])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no age: write for example 90m, 12h, 7d or 2w")
    return float(found.group(1)) * _SECONDS[found.group(2)]


def _lines(context: Context, one: FoundRun) -> list[str]:
    made = one.last_made
    since = f", last changed {time.strftime('%Y-%m-%d %H:%M', time.localtime(made))}" if made else ""
    lines = [f"{one.app_name}{since}"]
    for kind in dict.fromkeys(resource.kind for resource in one.resources):
        names = one.names(kind)
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        lines.append(f"  {kind:<16}{', '.join(names[:3])}{more}")
    for name in one.names("queue"):
        url = queue.find_url(context.aws, name)
        held = queue.get_counts(context.aws, url) if url else None
        if held and held.total:
            lines.append(f"  {held.total:,} jobs in {name} are not done; they go with it")
    return lines
