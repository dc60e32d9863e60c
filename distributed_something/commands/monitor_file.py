"""Finds the run for a command: its monitor file, or the copy in the bucket."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..aws import bucket
from ..errors import UserError
from ..run import monitor_file
from ..run.monitor_file import MonitorFile
from .context import Context


def add_monitor_file(parser: argparse.ArgumentParser) -> None:
    """The argument that selects another run than that of config.py."""
    parser.add_argument(
        "monitorfile",
        metavar="MONITORFILE",
        nargs="?",
        type=Path,
        help="the file that startCluster wrote; by default that of config.py's APP_NAME",
    )


def find_run(context: Context, path: Path | None) -> MonitorFile:
    """The named monitor file, or the app's own: in files/, or its copy in the bucket."""
    found = run_on_this_computer(context, path) or run_in_bucket(context)
    if found is None:
        raise UserError(
            f"No run of {context.settings.app_name} is known: neither {_own_file(context)} nor its copy in "
            "the bucket is there. Either it has ended, or startCluster has not been run"
        )
    return found


def run_on_this_computer(context: Context, path: Path | None) -> MonitorFile | None:
    """The named monitor file, or the app's own in files/; None where there is none."""
    if path is None and not _own_file(context).exists():
        return None
    return monitor_file.load_monitor_file(path or _own_file(context))


def run_in_bucket(context: Context) -> MonitorFile | None:
    """The copy of APP_NAME's monitor file, for use on other computers; None if there is none."""
    settings = context.settings
    key = settings.monitor_file_key
    text = bucket.get_text(context.aws, settings.aws_bucket, key)
    return (
        None if text is None else monitor_file.parse_monitor_file(text, f"s3://{settings.aws_bucket}/{key}")
    )


def _own_file(context: Context) -> Path:
    return context.files / context.settings.monitor_file_name
