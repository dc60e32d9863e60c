"""The container: tells what it found, makes its machine known, starts the workers, and passes signals on.

It is the container's first process, so it also collects the processes that tools leave behind.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Mapping

from worker.aws.instance_metadata import InstanceMetadata
from worker.container.instance import Instance
from worker.process_table import children

_WORKER = Path(__file__).resolve().parents[1]
# Tools that mount a bucket as a folder, the preferred one first, with their arguments.
_MOUNTERS = (
    ("mount-s3", ("--read-only", "--allow-other")),
    ("s3fs", ("-o", "ro,allow_other,iam_role=auto")),
)


class ContainerProblem(Exception):
    """The container cannot do its work, as a sentence."""


def main(variables: Mapping[str, str] = os.environ) -> int:
    """Run the container to its end. Returns its exit code: the highest of its workers'."""
    metadata = InstanceMetadata(variables)
    instance = metadata.get("instance-id")
    told = {**variables, "INSTANCE_ID": instance or variables.get("INSTANCE_ID") or socket.gethostname()}
    try:
        cores = int(told.get("DOCKER_CORES") or 1)
        pause = float(told.get("SECONDS_TO_START") or 0)
        say(what_was_found(told, instance, cores))
        if told.get("DOWNLOAD_FILES", "True").lower() == "false":
            mount(told)
    except (ContainerProblem, ValueError) as problem:
        print(f"The container cannot start: {problem}", file=sys.stderr, flush=True)
        return 2
    if instance:
        machine = Instance(instance, told, say)
        threading.Thread(target=machine.make_known, name="machine", daemon=True).start()
    return Processes(told).run(cores, pause)


def what_was_found(variables: Mapping[str, str], instance: str | None, cores: int) -> str:
    """The container's first line."""
    where = f"machine {instance}" if instance else f"{variables['INSTANCE_ID']} (no machine of EC2)"
    return (
        f"{variables.get('APP_NAME', '?')}: {cores} workers on {where}, region "
        f"{variables.get('AWS_REGION', '?')}, "
        f"queue {variables.get('SQS_QUEUE_URL', '?')}"
    )


def mount(variables: Mapping[str, str]) -> None:
    """Mount SOURCE_BUCKET, to be read, where the worker looks for it. Raises ContainerProblem."""
    bucket = variables.get("SOURCE_BUCKET") or variables.get("AWS_BUCKET", "")
    folder = os.path.join(variables.get("WORK_FOLDER", "/home/ubuntu"), "bucket")
    found = next((one for one in _MOUNTERS if shutil.which(one[0])), None)
    if found is None:
        raise ContainerProblem(
            "DOWNLOAD_FILES = 'False' needs mount-s3 or s3fs in the image; add one of them to the tool's "
            "image, or set DOWNLOAD_FILES = 'True'"
        )
    program, options = found
    os.makedirs(folder, exist_ok=True)
    told = subprocess.run(
        [program, bucket, folder, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if told.returncode:
        output = told.stdout.decode("utf-8", "replace").strip()
        raise ContainerProblem(f"{program} cannot mount the bucket {bucket}: {output}")
    say(f"The bucket {bucket} is mounted at {folder}")


class Processes:
    """The workers and the machine's monitor, from their start to the end of the last worker."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = dict(variables)
        self._workers: set[int] = set()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._code = 0
        self._monitor = 0

    def run(self, cores: int, pause: float) -> int:
        """Start ``cores`` workers, ``pause`` seconds apart, and wait for all of them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._pass_on)
        self._monitor = self._start("instance-monitor.py")
        self._start_worker()
        starter = threading.Thread(target=self._start_others, args=(cores - 1, pause), daemon=True)
        starter.start()
        while self._workers or (starter.is_alive() and not self._stopping.is_set()):
            self._collect()
        os.kill(self._monitor, signal.SIGTERM)
        return self._code

    def _start(self, script: str) -> int:
        process = subprocess.Popen([sys.executable, "-I", str(_WORKER / script)], env=self._variables)
        process.returncode = 0  # collected here and not by subprocess
        return process.pid

    def _start_worker(self) -> None:
        with self._lock:
            if not self._stopping.is_set():
                self._workers.add(self._start("generic-worker.py"))

    def _start_others(self, count: int, pause: float) -> None:
        for _ in range(count):
            if self._stopping.wait(pause):
                return
            self._start_worker()

    def _collect(self) -> None:
        """Wait for any child, a worker or an orphan that became ours.

        A signal that comes just before Python waits does not end the wait, so none is long.
        """
        process_id, status = os.waitpid(-1, os.WNOHANG)
        if not process_id:
            time.sleep(0.1)
            return
        with self._lock:
            if process_id not in self._workers:
                return
            self._workers.discard(process_id)
        if os.WIFSIGNALED(status):
            self._replace(os.WTERMSIG(status))
            return
        code = os.WEXITSTATUS(status)
        self._code = max(self._code, code)
        if code:
            say(f"A worker ended with {code}")

    def _replace(self, number: int) -> None:
        """A worker was killed, most often for want of memory: end its tool, which nobody waits for any more,
        and start another. One that ended by itself is not replaced: the queue is empty, or it cannot work.
        """
        say(f"A worker was killed by signal {number}")
        if self._stopping.is_set():
            self._code = max(self._code, 128 + number)
            return
        for orphan in children(os.getpid()) - self._workers - {self._monitor}:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(orphan, signal.SIGKILL)  # a tool leads a group of its own
        self._start_worker()

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        """A signal's handler runs between two steps of the main thread: it takes no lock."""
        self._stopping.set()
        for process_id in list(self._workers):
            try:
                os.kill(process_id, signal.SIGTERM)
            except ProcessLookupError:
                continue


def say(text: str) -> None:
    """To the container's output."""
    print(text, flush=True)
