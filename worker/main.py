"""Wires the worker together: settings, clients, signals, the loop."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Callable

from worker import settings, tool_loader
from worker.acknowledger import Acknowledger
from worker.attempt import Services, remove_left_behind
from worker.aws.cloudwatch_logs import CloudWatchLogs
from worker.aws.fast_client import FastCalls
from worker.aws.instance_metadata import InstanceMetadata
from worker.aws.task_protection import TaskProtection
from worker.interruption import SpotWatch, Stop
from worker.poller import Poller
from worker.tool_shim import ToolProblem
from worker.transfer import THREADS, Transfer

if TYPE_CHECKING:
    from boto3.session import Session

# Seconds within which SQS and CloudWatch answer, a long poll aside.
_ANSWERS = 15


def main() -> int:
    """Run one worker. Returns the exit code: 0 when it ended in order, 2 for settings that are wrong."""
    # Whatever a tool or a job says can be shown, also where the output takes fewer characters.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # typeshed says TextIO
    try:
        environment = settings.read(os.environ)
        tool = tool_loader.load(environment.tool_file, environment.tool_python)
    except (settings.EnvironmentProblem, ToolProblem) as problem:
        print(f"The worker cannot start: {problem}", file=sys.stderr)
        return 2
    remove_left_behind(Path(environment.work_folder))
    stop = Stop()
    _ask_on_signals(stop)
    session = _session(environment)
    credentials = session.get_credentials()
    s3 = _client(session, "s3", attempts=8, read_timeout=60)
    sqs = FastCalls(_client(session, "sqs", attempts=8), credentials)
    receiving = _client(session, "sqs", attempts=8, read_timeout=environment.poll_seconds + _ANSWERS)
    # CloudWatchLogs has patience of its own: one stream that is refused must not keep the others waiting.
    logs = _client(session, "logs", attempts=2)
    cloudwatch = CloudWatchLogs(FastCalls(logs, credentials), _say)
    transfer = Transfer(s3, credentials)
    services = Services(environment, s3, transfer, cloudwatch, stop, _say, tool)
    protection = TaskProtection(os.environ, environment.work_folder, _say)
    acknowledger = Acknowledger(cloudwatch, environment.ledger_log_group, _say)
    poller = Poller(services, sqs, receiving, protection, acknowledger)

    def work() -> None:
        SpotWatch(InstanceMetadata(os.environ)).start(stop)
        _say(f"Worker of {environment.app_name} on {environment.instance}: {environment.queue_url}")
        _say(f"Worker ends: {poller.run()}")

    # The main thread only waits: Python handles signals there, and a handler must not meet a lock that
    # the interrupted code holds.
    worker = threading.Thread(target=work, name="worker")
    worker.start()
    # A signal that comes just before Python waits does not end the wait, so none is long.
    while worker.is_alive():
        worker.join(0.5)
    acknowledger.close()
    protection.idle()
    transfer.close()
    tool.close()
    cloudwatch.close()
    return 0


def _ask_on_signals(stop: Stop) -> None:
    """The first SIGTERM or Ctrl-C ends the worker in order, a second one at once."""

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.asked:
            os._exit(1)
        stop.ask(f"the worker was told to stop ({signal.Signals(number).name})")

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)


def _session(environment: settings.Environment) -> Session:
    import boto3

    return boto3.Session(region_name=environment.region)


def _client(session: Session, service: str, attempts: int, read_timeout: int = _ANSWERS) -> Any:
    """A call that is not answered is soon repeated: a heartbeat must come through in time."""
    from botocore.config import Config

    make: Callable[..., Any] = session.client
    return make(
        service,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=5,
            read_timeout=read_timeout,
            max_pool_connections=THREADS + 4,
            tcp_keepalive=True,
        ),
    )


def _say(text: str) -> None:
    """To the container's output; a terminal that is gone must not end a job."""
    with contextlib.suppress(OSError):
        print(text, flush=True)
