"""Many worker loops in one process: the worker's real code, but for the tool, which only writes a file.

python -m tests.benchmarks.many_loops LOOPS        (with a worker's environment)
"""

import os
import sys
import threading
from pathlib import Path

import boto3
from botocore.config import Config

from worker import settings, tool_loader, tool_process
from worker.acknowledger import Acknowledger
from worker.attempt import Services
from worker.aws.cloudwatch_logs import CloudWatchLogs
from worker.aws.fast_client import FastCalls
from worker.aws.task_protection import TaskProtection
from worker.interruption import Stop
from worker.poller import Poller
from worker.transfer import Transfer


def write_a_result(argv, environ, line, limits):
    """In place of the tool; ``argv`` names the file."""
    Path(argv[1]).write_text(argv[1])
    line("done")


def main():
    loops = int(sys.argv[1])
    sys.setswitchinterval(0.1)  # threads that wait for Python look for it less often
    tool_process.run = write_a_result
    environment = settings.read(os.environ)
    session, stop = boto3.Session(), Stop()
    options = {"max_pool_connections": loops + 16, "tcp_keepalive": True, "read_timeout": 120}
    patient = Config(retries={"mode": "standard", "total_max_attempts": 8}, **options)
    brief = Config(retries={"mode": "standard", "total_max_attempts": 2}, **options)
    sqs, s3 = session.client("sqs", config=patient), session.client("s3", config=patient)
    logs = session.client("logs", config=brief)
    credentials = session.get_credentials()
    transfer = Transfer(s3, credentials)

    def quiet(text):
        """A container's output, which is not what is measured."""

    def loop():
        own = CloudWatchLogs(FastCalls(logs, credentials), quiet)
        services = Services(environment, s3, transfer, own, stop, quiet, tool_loader.load())
        protection = TaskProtection(os.environ, environment.work_folder, quiet)
        acknowledger = Acknowledger(own, environment.ledger_log_group, quiet)
        Poller(services, FastCalls(sqs, credentials), sqs, protection, acknowledger).run()
        acknowledger.close()
        own.close()

    threads = [threading.Thread(target=loop) for _ in range(loops)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
