"""A reader who types everything that stands in the guide: into a fresh clone, before an emulated AWS.

What the reader's surroundings bring is here: Python, the AWS CLI, an account with nothing in it. Machines are
processes of this computer that come with `startCluster`, as in `run.py local`.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import stat
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from distributed_something.commands.local import emulated_aws, tool_path
from distributed_something.config import loader
from distributed_something.local.containers import process_starter
from distributed_something.local.emulator import Emulator
from distributed_something.local.machines import Machines
from distributed_something.local.orphan_reaper import OrphanReaper
from tests.benchmarks.peers import pypi
from tests.guide.pages import CHECKOUT, Block

HURRIED = Path(__file__).with_name("hurried.py")
# What stands for the image on a machine that is a process: where the guide's tool is.
TOOL = "files/examples/CountObjects"
_CONFIG = re.compile(r"--config (\S+)")
# A rehearsal is quick by itself, and its workers go by the true time.
_PYTHON = """#!/bin/sh
case "$1 $*" in
    *" local "*) exec {python} "$@";;
    run.py*) exec {python} {hurried} "$@";;
    *) exec {python} "$@";;
esac
"""


def clone(folder: Path) -> None:
    """Make a fresh clone, with what is changed in this checkout and not committed yet."""
    subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(folder)], check=True)
    differing = ["git", "-C", str(CHECKOUT), "diff", "--name-only", "HEAD"]
    for name in subprocess.run(differing, check=True, text=True, capture_output=True).stdout.splitlines():
        (folder / name).unlink(missing_ok=True)
        if (CHECKOUT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, folder / name)
    # `make` finds its virtual environment made.
    (folder / ".venv").symlink_to(sys.prefix)
    for ready in ("demo-ready", "test-ready"):
        (folder / ".venv" / ready).touch()


def programs(folder: Path) -> Path:
    """What the reader has installed beside Python's own: `aws`, and a `python` that is in a hurry."""
    folder.mkdir()
    (folder / "aws").symlink_to(pypi("aws"))
    python = folder / "python"
    python.write_text(_PYTHON.format(python=sys.executable, hurried=HURRIED))
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return folder


class Walk:
    """The clone, the account, and what the last block printed; a ``with`` block ends all of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scratch = folder / "scratch"
        self._machines: tuple[str, Machines] | None = None
        self.clone = folder / "distributed-something"
        self.printed = ""

    def __enter__(self) -> Walk:
        clone(self.clone)
        self._scratch.mkdir()
        with ExitStack() as stack:
            self._guard = stack.enter_context(OrphanReaper(self._scratch))
            self._emulator = stack.enter_context(Emulator())
            stack.callback(self._end_machines)
            kept = {
                key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "DOCKER_"))
            }
            path = [str(programs(self._folder / "programs")), str(Path(sys.executable).parent), kept["PATH"]]
            self._environment = {
                **kept,
                **self._emulator.environment(),
                "PATH": os.pathsep.join(path),
                "AWS_DEFAULT_REGION": "us-east-1",
            }
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error) -> None:
        self._stack.close()

    def shell(self, block: Block) -> None:
        """Type the block. Fails when it does not end with the exit code that it should have."""
        if "startCluster" in block.text and "--dry-run" not in block.text:
            self._make_machines(block.text)
        wanted = int(block.argument) if block.mark == "exit" else 0
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", block.text],
            cwd=str(self.clone),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
        self.printed = done.stdout
        assert done.returncode == wanted, (
            f"{block.where}: exit code {done.returncode}, not {wanted}:\n{done.stdout}"
        )

    def save(self, block: Block) -> None:
        path = self.clone / block.argument
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")

    def change(self, block: Block) -> None:
        """Replace assignments of a Python file, as a user who edits config.py does."""
        path = self.clone / block.argument
        path.write_text(changed(path.read_text(encoding="utf-8"), block.text), encoding="utf-8")

    def variables(self, name: str) -> dict:
        """What a Python file of the clone sets, as it is now."""
        scope: dict = {}
        exec((self.clone / name).read_text(encoding="utf-8"), scope)
        return scope

    def _make_machines(self, command: str) -> None:
        """Machines follow the fleet of the run that is about to start."""
        named = _CONFIG.search(command)
        settings = loader.load(self.clone / (named.group(1) if named else "config.py"))
        if self._machines and self._machines[0] == settings.app_name:
            return
        self._end_machines()
        surroundings = {
            **self._emulator.environment(),
            "POLL_SECONDS": "1",
            "RETRY_DELAY": "0",
            "SECONDS_TO_START": "0",
            "PATH": tool_path(self.clone / TOOL),
        }
        aws = emulated_aws(self._emulator.endpoint_url, settings.aws_region)
        made = Machines(
            aws,
            settings,
            self._scratch,
            surroundings,
            process_starter(self._guard),
            settings.docker_cores,
            print,
        )
        made.start()
        self._machines = (settings.app_name, made)

    def _end_machines(self) -> None:
        if self._machines:
            self._machines[1].stop()
        self._machines = None


def changed(source: str, assignments: str) -> str:
    """The source with its assignments and functions replaced by those of the same name; others are added."""
    new = {}
    for node in ast.parse(assignments).body:
        name = _name(node)
        assert name, f"neither an assignment nor a function: {ast.dump(node)}"
        new[name] = "\n".join(assignments.splitlines()[node.lineno - 1 : node.end_lineno])
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        text = new.pop(_name(node), None)
        if text is not None:
            lines[node.lineno - 1 : node.end_lineno] = text.splitlines()
    return "\n".join([*lines, *new.values()]) + "\n"


def _name(node: ast.stmt) -> str:
    """What an assignment or a function gives a name to; '' for anything else."""
    if isinstance(node, ast.FunctionDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return ""
