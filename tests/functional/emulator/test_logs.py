"""CloudWatch Logs as many workers use it that start at once: all of them make the ledger's stream."""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tests.functional.conftest import client
from tests.waiting import wait_until

WRITERS, ROUNDS = 8, 15
EXPORTS = 10


def test_a_stream_that_many_make_at_once_keeps_every_line(moto, unique):
    logs = client(moto, "logs")
    logs.create_log_group(logGroupName=unique)
    there_already = logs.exceptions.ResourceAlreadyExistsException  # threads that ask at once get two of it
    together = threading.Barrier(WRITERS)

    def write(stream, text):
        together.wait()
        with contextlib.suppress(there_already):
            logs.create_log_stream(logGroupName=unique, logStreamName=stream)
        event = {"timestamp": int(time.time() * 1000), "message": text}
        logs.put_log_events(logGroupName=unique, logStreamName=stream, logEvents=[event])

    with ThreadPoolExecutor(WRITERS) as pool:
        for one in range(ROUNDS):
            list(pool.map(write, [str(one)] * WRITERS, map(str, range(WRITERS))))
    for one in range(ROUNDS):
        found = logs.get_log_events(logGroupName=unique, logStreamName=str(one))["events"]
        assert sorted(event["message"] for event in found) == sorted(map(str, range(WRITERS)))


def test_an_export_is_whole_and_ordered_once_while_streams_are_made(moto, unique):
    logs, s3 = client(moto, "logs"), client(moto, "s3")
    s3.create_bucket(Bucket=unique)
    logs.create_log_group(logGroupName=unique)
    now, enough = int(time.time() * 1000), threading.Event()
    made = []

    def make(name):
        logs.create_log_stream(logGroupName=unique, logStreamName=name)
        event = {"timestamp": now, "message": name}
        logs.put_log_events(logGroupName=unique, logStreamName=name, logEvents=[event])
        made.append(name)

    def go_on():
        while not enough.is_set():
            make(f"later-{len(made)}")

    for number in range(100):
        make(str(number))
    maker = threading.Thread(target=go_on)
    maker.start()
    wait_until(lambda: len(made) > 105, "streams are made")
    for export in range(EXPORTS):
        logs.create_export_task(
            logGroupName=unique,
            fromTime=0,
            to=now + 1,
            destination=unique,
            destinationPrefix=f"exported-{export}",
        )
    enough.set()
    maker.join()
    for export in range(EXPORTS):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=unique, Prefix=f"exported-{export}/")
        names = [entry["Key"].split("/")[2] for page in pages for entry in page.get("Contents", [])]
        assert set(map(str, range(100))) <= set(names)
        assert len(names) == len(set(names))
