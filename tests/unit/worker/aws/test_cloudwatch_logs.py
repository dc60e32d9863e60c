"""Lines on their way to CloudWatch: split as its limits ask, never in anybody's way."""

import itertools
import time

from hypothesis import given
from hypothesis import strategies as st

from tests.waiting import wait_until
from worker.aws import cloudwatch_logs
from worker.aws.cloudwatch_logs import BATCH_BYTES, EVENT_OVERHEAD, LINE_BYTES, CloudWatchLogs, Line, batches


class NotFound(Exception):
    pass


class Exists(Exception):
    pass


class Server:
    """CloudWatch Logs that keeps what it gets; ``problems`` are raised first, one a call."""

    class exceptions:
        ResourceNotFoundException = NotFound
        ResourceAlreadyExistsException = Exists

    def __init__(self, problems=()):
        self.problems = list(problems)
        self.streams = []
        self.events = []

    def create_log_stream(self, logGroupName, logStreamName):
        if (logGroupName, logStreamName) in self.streams:
            raise Exists
        self.streams.append((logGroupName, logStreamName))

    def put_log_events(self, logGroupName, logStreamName, logEvents):
        if self.problems:
            raise self.problems.pop(0)
        if (logGroupName, logStreamName) not in self.streams:
            raise NotFound
        self.events += [event["message"] for event in logEvents]


def sent(server, lines):
    said = []
    logs = CloudWatchLogs(server, said.append)
    for line in lines:
        logs.write("group", "stream", line)
    logs.close()
    return said


@given(st.lists(st.integers(EVENT_OVERHEAD, LINE_BYTES), max_size=60))
def test_batches_keep_order_and_limits(sizes):
    lines = [Line("g", "s", number, "", size) for number, size in enumerate(sizes)]
    found = batches(lines)
    assert [line for batch in found for line in batch] == lines
    assert all(sum(line.size for line in batch) <= BATCH_BYTES for batch in found)
    assert all(found)


def test_no_batch_has_more_than_ten_thousand_events():
    lines = [Line("g", "s", 0, "", 27)] * 25_000
    assert [len(batch) for batch in batches(lines)] == [10_000, 10_000, 5_000]


def test_all_lines_arrive_in_order():
    server = Server()
    assert sent(server, ["one", "", "three"]) == []
    assert server.events == ["one", " ", "three"]


def test_a_long_line_is_cut_into_pieces():
    server = Server()
    sent(server, ["x" * (LINE_BYTES * 2 + 5)])
    assert [len(piece) for piece in server.events] == [LINE_BYTES, LINE_BYTES, 5]


def test_a_call_that_fails_is_repeated():
    server = Server([ConnectionError(), NotFound()])
    assert sent(server, ["line"]) == []
    assert server.events == ["line"]


def test_what_does_not_arrive_is_told(monkeypatch):
    monkeypatch.setattr(cloudwatch_logs.time, "sleep", lambda seconds: None)
    assert sent(Server([ConnectionError("down")] * 9), ["line"]) == [
        "1 lines for group/stream did not reach CloudWatch: down"
    ]


def test_what_comes_too_fast_is_dropped_and_counted(monkeypatch):
    monkeypatch.setattr(cloudwatch_logs, "BUFFER_BYTES", 1000)
    monkeypatch.setattr(cloudwatch_logs, "LINE_COST", 16)
    monkeypatch.setattr(cloudwatch_logs, "_FLUSH_EVERY", 60)
    server = Server()
    said = sent(server, ["x" * 100] * 20)
    assert said == ["13 lines came faster than CloudWatch takes them and are not in the logs"]
    assert len(server.events) == 7


class Throttled(Exception):
    response = {"Error": {"Code": "ThrottlingException"}}


class BusyServer(Server):
    """One that makes no streams for a while."""

    def __init__(self, refusals):
        super().__init__()
        self.refusals = refusals

    def create_log_stream(self, logGroupName, logStreamName):
        if self.refusals:
            self.refusals -= 1
            raise Throttled
        super().create_log_stream(logGroupName, logStreamName)


def test_lines_wait_for_streams_that_cannot_be_made_and_none_is_lost(monkeypatch):
    monkeypatch.setattr(cloudwatch_logs, "_FLUSH_EVERY", 0.05)
    server, said = BusyServer(refusals=3), []
    logs = CloudWatchLogs(server, said.append)
    for number in range(3):
        logs.write("jobs", str(number), f"log of {number}")
    logs.close()
    assert sorted(server.events) == ["log of 0", "log of 1", "log of 2"]
    assert said == []


def test_closing_waits_between_its_looks_while_no_stream_can_be_made(monkeypatch):
    monkeypatch.setattr(cloudwatch_logs, "_FLUSH_EVERY", 0.05)
    monkeypatch.setattr(cloudwatch_logs, "_CLOSE_SECONDS", 0.5)
    looks, server = itertools.count(), BusyServer(refusals=10**6)

    def now():
        next(looks)
        return time.time()

    logs = CloudWatchLogs(server, print, now)
    logs.write("jobs", "1", "a job's log")
    logs.close()
    # Some 10 looks ask for the time a few times each; a thread that spins asks 10,000 times.
    assert next(looks) < 200
    server.refusals = 0


def test_the_lines_of_a_job_that_has_ended_need_not_wait(monkeypatch):
    monkeypatch.setattr(cloudwatch_logs, "_FLUSH_EVERY", 3600)
    server = BusyServer(refusals=0)
    logs = CloudWatchLogs(server, print)
    logs.write("jobs", "1", "a job's last line")
    logs.send_soon()
    wait_until(lambda: server.events == ["a job's last line"], "the line is sent")
    logs.close()


def test_what_is_put_does_not_wait_for_lines_that_must():
    server = BusyServer(refusals=0)
    server.create_log_stream("ledger", "ledger")
    server.refusals = 10**6
    logs = CloudWatchLogs(server, print)
    logs.write("jobs", "1", "a job's log")
    assert logs.put([Line.now("ledger", "ledger", text, 0.0) for text in ("one", "two")])
    assert server.events == ["one", "two"]
    server.refusals = 0
    logs.close()


def test_the_stream_of_what_is_put_is_made_if_it_is_missing():
    server = Server()
    assert CloudWatchLogs(server, print).put([Line.now("ledger", "ledger", "line", 0.0)])
    assert server.events == ["line"]
