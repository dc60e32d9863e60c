"""Ctrl-C is never lost, wherever it strikes."""

import io
import os
import signal

import pytest

from distributed_something.clock import Clock
from distributed_something.terminal import signals


@pytest.fixture
def handlers():
    """The signals' handlers are this test's own."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    for number in numbers:
        signal.signal(number, signal.SIG_DFL)
    signals.treat_all_alike()
    yield
    for number, handler in zip(numbers, before):
        signal.signal(number, handler)


class StruckWhenFreed(io.IOBase):
    """As urllib3's answers are: freeing it runs Python code, and what that raises is swallowed."""

    def __init__(self, number):
        self.number = number

    def close(self):
        os.kill(os.getpid(), self.number)
        super().close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_that_python_swallows_is_raised_at_the_next_wait(handlers, number):
    answer = StruckWhenFreed(number)
    del answer  # nothing is raised here: that is the fault
    with pytest.raises(KeyboardInterrupt):
        Clock(signals.raise_what_was_lost).sleep(0)
    Clock(signals.raise_what_was_lost).sleep(0)  # once


def test_without_one_waiting_is_just_waiting(handlers):
    Clock(signals.raise_what_was_lost).sleep(0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("deferred", [False, True])
def test_the_exit_code_names_the_signal(handlers, number, deferred):
    if deferred:
        with signals.DeferredInterrupt() as interrupt:
            os.kill(os.getpid(), number)
            assert interrupt.pressed
    else:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
            Clock(signals.raise_what_was_lost).sleep(1)
    assert signals.interrupt_exit_code() == 128 + number
