"""Finds the run that a command is about: its monitor file, or the copy in the bucket."""

from __future__ import annotations

import argparse
from pathlib import Path

from .. import runfile
from ..aws import bucket
from ..errors import UserError
from ..runfile import RunFile
from .context import Context


def add_monitor_file(parser: argparse.ArgumentParser) -> None:
    """The argument by which a command takes another run than config.py's."""
    parser.add_argument(
        "monitorfile",
        metavar="MONITORFILE",
        nargs="?",
        type=Path,
        help="the file that startCluster wrote; by default that of config.py's APP_NAME",
    )


def find_run(context: Context, path: Path | None) -> RunFile:
    """The named monitor file, or the app's own: in files/, or its copy in the bucket."""
    if path is not None:
        return runfile.load(path)
    settings = context.settings
    path = context.files / runfile.file_name(settings.app_name)
    if path.exists():
        return runfile.load(path)
    key = f"monitors/{path.name}"
    text = bucket.get_text(context.aws, settings.aws_bucket, key)
    if text is None:
        raise UserError(
            f"No run of {settings.app_name} is known: neither {path} nor its copy in the bucket is there. "
            "Either it has ended, or startCluster has not been run"
        )
    return runfile.parse(text, f"s3://{settings.aws_bucket}/{key}")
