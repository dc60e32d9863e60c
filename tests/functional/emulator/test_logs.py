"""CloudWatch Logs as many workers use it that start at once: all of them make the ledger's stream."""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tests.functional.conftest import client

WRITERS, ROUNDS = 8, 15


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
