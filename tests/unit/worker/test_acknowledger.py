"""An attempt that has ended: its line is in the ledger before its message goes; nothing holds it up."""

import threading

from tests.waiting import wait_until
from worker import acknowledger as settler_module
from worker.acknowledger import LEDGER_STREAM, Acknowledger


class Logs:
    """What is put, and settled, in order; ``takes`` is False while CloudWatch does not."""

    def __init__(self):
        self.done = []
        self.takes = True
        self.hurried = 0

    def send_soon(self):
        self.hurried += 1

    def put(self, lines):
        assert {(line.group, line.stream) for line in lines} == {("app_jobs", LEDGER_STREAM)}
        if self.takes:
            self.done += [line.text for line in lines]
        return self.takes


def test_the_line_is_written_before_the_message_goes():
    logs = Logs()
    acknowledger = Acknowledger(logs, "app_jobs", print)
    for number in range(50):
        acknowledger.ended(f"line {number}", lambda number=number: logs.done.append(f"settled {number}"))
    acknowledger.close()
    assert len(logs.done) == 100
    for number in range(50):
        assert logs.done.index(f"line {number}") < logs.done.index(f"settled {number}")
    assert logs.hurried  # nothing of these jobs' logs comes any more


def test_a_ledger_that_is_not_taken_fails_no_job_and_comes_later():
    logs = Logs()
    logs.takes = False
    acknowledger = Acknowledger(logs, "app_jobs", print)
    acknowledger.ended("one", lambda: logs.done.append("settled one"))
    wait_until(lambda: logs.done == ["settled one"], "the first is settled")
    logs.takes = True
    acknowledger.ended("two", lambda: logs.done.append("settled two"))
    acknowledger.close()
    assert logs.done == ["settled one", "one", "two", "settled two"]


def test_what_cannot_be_settled_is_told_and_the_others_are():
    logs, said = Logs(), []
    acknowledger = Acknowledger(logs, "app_jobs", said.append)
    acknowledger.ended("one", lambda: 1 / 0)
    acknowledger.ended("two", lambda: logs.done.append("settled two"))
    acknowledger.close()
    assert logs.done[-1] == "settled two"
    assert said == ["A message could not be settled: division by zero"]


def test_a_worker_that_is_far_ahead_waits(monkeypatch):
    monkeypatch.setattr(settler_module, "_CLOSE_SECONDS", 0.1)
    logs, answered = Logs(), threading.Event()
    acknowledger = Acknowledger(logs, "app_jobs", print)

    def work():
        for number in range(100):
            acknowledger.ended(str(number), answered.wait)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(0.5)
    assert worker.is_alive()
    acknowledger.close()  # in time, though nothing answers
    answered.set()
    worker.join(60)
    assert not worker.is_alive()
