"""sender.send_all: exact about what was sent, whatever fails or interrupts."""

import os
import signal
import threading

from distributed_something.jobs.batch_sender import ENTRY_ATTEMPTS, send_all


def batches(count, size=10):
    numbers = [(number, f"job {number}") for number in range(1, count + 1)]
    return [numbers[at : at + size] for at in range(0, count, size)]


class Queue:
    """Takes batches; ``refuse(body, times_seen)`` says which entries it does not take."""

    def __init__(self, refuse=lambda body, seen: False):
        self.bodies = []
        self._refuse = refuse
        self._seen = {}
        self._lock = threading.Lock()

    def send(self, bodies):
        with self._lock:
            failed = []
            for at, body in enumerate(bodies):
                self._seen[body] = self._seen.get(body, 0) + 1
                if self._refuse(body, self._seen[body]):
                    failed.append(at)
                else:
                    self.bodies.append(body)
            return failed


def test_every_message_is_sent_once():
    queue = Queue()
    sent = send_all(batches(1000), queue.send, lambda seconds: None)
    assert sent.complete
    assert sent.count == 1000
    assert sorted(queue.bodies) == sorted(f"job {n}" for n in range(1, 1001))


def test_entries_that_fail_are_sent_again_and_only_those():
    queue = Queue(refuse=lambda body, seen: body.endswith("7") and seen < 3)
    sent = send_all(batches(100), queue.send, lambda seconds: None)
    assert sent.complete
    assert sorted(queue.bodies) == sorted(f"job {n}" for n in range(1, 101))


def test_an_entry_that_always_fails_is_named_and_the_pauses_grow():
    pauses = []
    queue = Queue(refuse=lambda body, seen: body == "job 7")
    sent = send_all(batches(10), queue.send, pauses.append)
    assert (sent.count, str(sent.missing), sent.error is None) == (9, "7-7", False)
    assert len(pauses) == ENTRY_ATTEMPTS
    assert pauses == sorted(pauses)


def test_an_error_stops_the_sending_and_what_is_missing_is_exact():
    queue = Queue()

    def send(bodies):
        if "job 501" in bodies:
            raise OSError("no network")
        return queue.send(bodies)

    sent = send_all(batches(5000), send, lambda seconds: None)
    assert isinstance(sent.error, OSError)
    taken = {int(body.split()[1]) for body in queue.bodies}
    assert sent.count == len(taken)
    assert {n for n in range(1, 5001) if n not in sent.missing} == taken


def test_ctrl_c_stops_after_what_is_under_way_and_nothing_is_counted_wrong():
    queue = Queue()

    def send(bodies):
        if "job 301" in bodies:
            os.kill(os.getpid(), signal.SIGINT)
        return queue.send(bodies)

    sent = send_all(batches(100_000), send, lambda seconds: None)
    assert sent.interrupted
    taken = {int(body.split()[1]) for body in queue.bodies}
    assert 301 in taken
    assert len(taken) < 100_000
    assert taken == {n for n in range(1, 100_001) if n not in sent.missing}
