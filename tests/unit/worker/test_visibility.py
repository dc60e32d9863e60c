"""The hold on a message, with a clock and a queue of the test's own."""

import pytest

from worker.visibility import LONGEST, MARGIN, MessageVisibility


class Refusal(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


class Queue:
    def __init__(self):
        self.timeouts = []
        self.error = None

    def change_message_visibility(self, QueueUrl, ReceiptHandle, VisibilityTimeout):
        if self.error:
            raise self.error
        self.timeouts.append(VisibilityTimeout)


class Bench:
    def __init__(self, visibility=60):
        self.now = 1000.0
        self.queue = Queue()
        self.said = []
        self.visibility = MessageVisibility(
            self.queue, "url", "receipt", visibility, self.said.append, lambda: self.now
        )


@pytest.fixture
def bench():
    return Bench()


def test_a_heartbeat_holds_for_another_visibility(bench):
    bench.now += 50
    assert bench.visibility.extend()
    bench.now += 59
    assert bench.visibility.lost() == ""
    bench.now += 1
    assert "no heartbeat came through" in bench.visibility.lost()


def test_an_error_that_may_pass_is_told_and_the_hold_stays_until_its_end(bench):
    bench.queue.error = ConnectionError("reset")
    assert not bench.visibility.extend()
    assert bench.said == ["A heartbeat failed: reset"]
    assert bench.visibility.lost() == ""
    bench.queue.error = None
    assert bench.visibility.extend()


@pytest.mark.parametrize(
    "code",
    [
        "InvalidParameterValue",
        "ReceiptHandleIsInvalid",
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.MessageNotInflight",
        "AWS.SimpleQueueService.NonExistentQueue",
    ],
)
def test_a_hold_that_sqs_does_not_know_is_lost_at_once(bench, code):
    bench.queue.error = Refusal(code)
    bench.visibility.extend()
    assert "does not know our hold" in bench.visibility.lost()


def test_no_heartbeat_hides_a_message_that_was_given_back(bench):
    bench.visibility.give_back(10)
    assert bench.visibility.extend()
    assert bench.queue.timeouts == [10]


def test_a_refused_return_is_told_and_does_no_harm(bench):
    bench.queue.error = Refusal("ReceiptHandleIsInvalid")
    bench.visibility.give_back()
    assert "it comes back by itself" in bench.said[0]


def test_never_asks_for_more_than_the_twelve_hours_that_sqs_hides_a_message(bench):
    held = bench.now
    while bench.now < held + LONGEST:
        bench.visibility.extend()
        assert bench.now + bench.queue.timeouts[-1] <= held + LONGEST
        bench.now += 20
    assert bench.visibility.must_end == held + LONGEST - MARGIN


def test_the_heartbeat_beats_by_itself():
    from tests.waiting import wait_until

    bench = Bench(visibility=0.15)
    bench.visibility.start()
    wait_until(lambda: len(bench.queue.timeouts) >= 3, "three heartbeats")
    bench.visibility.close()
    assert not bench.visibility._thread.is_alive()
