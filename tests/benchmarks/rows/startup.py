"""How long a command takes before it does anything: `--help`, and `status` on an empty account."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from distributed_something.local.emulator import Emulator
from tests.benchmarks.measure import CHECKOUT, Finding, in_turn, ratio, seconds
from tests.benchmarks.project import write_config

ROUNDS = 15
_RUN = str(CHECKOUT / "run.py")
_ARGPARSE = (
    "import argparse; parser = argparse.ArgumentParser(); parser.add_argument('--config'); "
    "parser.add_subparsers().add_parser('setup', help='make the queue'); parser.parse_args(['--help'])"
)
_CLIENT = (
    "import boto3; sqs = boto3.client('sqs', region_name='us-east-1')\n"
    "try:\n    sqs.get_queue_url(QueueName='BenchQueue')\nexcept sqs.exceptions.QueueDoesNotExist:\n    pass"
)


def measure() -> list[Finding]:
    return [_help(), _status()]


def _help() -> Finding:
    python = [sys.executable, "-c", _ARGPARSE]
    found = in_turn(
        ROUNDS,
        {
            "run.py --help": ("python run.py --help", lambda: seconds([sys.executable, _RUN, "--help"])),
            "bare argparse": ("python -c 'import argparse; ...'", lambda: seconds(python)),
        },
        "s",
    )
    ours, bare = found.values()
    return Finding(
        "`run.py --help`",
        (ours, bare),
        ((f"at most 0.15 s (measured: {ours.median:.3f} s)", ours.median <= 0.15),),
        limit="Python's own start. Neither a command's module nor boto3 is imported.",
    )


def _status() -> Finding:
    with Emulator() as emulator, tempfile.TemporaryDirectory() as folder:
        config = write_config(Path(folder))
        environment = {**os.environ, **emulator.environment()}

        status = [sys.executable, _RUN, "--config", str(config), "status"]
        bare = [sys.executable, "-c", _CLIENT]

        def told_that_there_is_none() -> float:
            before = time.perf_counter()
            ended = subprocess.run(status, env=environment, cwd=folder, capture_output=True, text=True)
            assert "No run of Bench is known" in ended.stderr, ended.stderr
            return time.perf_counter() - before

        found = in_turn(
            ROUNDS,
            {
                "run.py status": ("python run.py status", told_that_there_is_none),
                "bare boto3": ("python -c 'import boto3; ...'", lambda: seconds(bare, env=environment)),
            },
            "s",
        )
    mine, theirs = found.values()
    return Finding(
        "`run.py status` on an empty account",
        (mine, theirs),
        (
            (
                f"at most 1.3 times bare boto3 (measured: {ratio(mine, theirs):.2f} times)",
                ratio(mine, theirs) <= 1.3,
            ),
        ),
        limit="importing boto3 and creating its SQS client, which both do. status then finds no queue. "
        "Python's bytecode cache is on for both.",
    )
