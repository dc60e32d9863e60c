# -*- coding: utf-8 -*-
"""Wires the worker together: settings, clients, signals, the loop."""

from __future__ import division, print_function, unicode_literals

import os
import signal
import sys
import threading
import uuid
import warnings

from python2worker.attempt import remove_left_behind
from python2worker.cloudwatch_logs import CloudWatchLogs
from python2worker.interruption import SpotWatch, Stop
from python2worker.metadata import Metadata
from python2worker.poller import Poller, Services
from python2worker.protection import Protection
from python2worker.settings import Settings, SettingsProblem
from python2worker.transfer import THREADS, Transfer


def main():
    """Run one worker. Returns the exit code: 0 when it ended in order, 2 for settings that are wrong."""
    try:
        settings = Settings(os.environ)
        metadata = Metadata(os.environ)
        settings.instance = metadata.get("instance-id") or settings.instance
    except SettingsProblem as problem:
        print("The worker cannot start: {0}".format(problem), file=sys.stderr)
        return 2
    remove_left_behind(settings.work_folder)
    stop = Stop()
    _ask_on_signals(stop)
    sqs, s3, logs = [_client(name, settings) for name in ("sqs", "s3", "logs")]
    cloudwatch, transfer = CloudWatchLogs(logs, say), Transfer(s3)
    services = Services(settings, s3, transfer, cloudwatch, stop, say)
    stream = "{0}-{1}".format(settings.instance, uuid.uuid4().hex[:12]).replace(":", "_")
    protection = Protection(os.environ, settings.work_folder, say)
    poller = Poller(services, sqs, stream, protection)

    def work():
        SpotWatch(metadata).start(stop)
        say("Worker of {0} on {1}: {2}".format(settings.app_name, settings.instance, settings.queue_url))
        say("Worker ends: {0}".format(poller.run()))

    worker = threading.Thread(target=work)
    worker.start()
    # Python 2 handles signals only between two steps of the main thread, so it never waits for long.
    while worker.is_alive():
        worker.join(0.5)
    protection.idle()
    transfer.close()
    cloudwatch.close()
    return 0


def _ask_on_signals(stop):
    """The first SIGTERM or Ctrl-C ends the worker in order, a second one at once."""
    names = {signal.SIGTERM: "SIGTERM", signal.SIGINT: "SIGINT"}

    def handle(number, frame):
        if stop.asked:
            os._exit(1)
        stop.ask("the worker was told to stop ({0})".format(names[number]))

    for number in names:
        signal.signal(number, handle)


def _client(service, settings):
    warnings.filterwarnings(str("ignore"), message=str("Boto3 will no longer support"))
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        region_name=settings.region,
        endpoint_url=settings.endpoint_url,  # this boto3 does not read AWS_ENDPOINT_URL by itself
        config=Config(
            retries={"mode": "standard", "max_attempts": 7},
            connect_timeout=5,
            read_timeout=settings.poll_seconds + 15,
            max_pool_connections=THREADS + 4,
        ),
    )


def say(text):
    """To the container's output; a terminal that is gone must not end a job."""
    try:
        sys.stdout.write((text + "\n").encode("utf-8"))
        sys.stdout.flush()
    except EnvironmentError:
        pass
