"""The tool's end, when the world around it does not answer."""

import os
import threading
import time

import pytest

from worker import process
from worker.outcome import INTERRUPTED, JobProblem


def test_a_tool_is_ended_even_if_giving_its_message_back_hangs():
    answered = threading.Event()
    limits = process.Limits(time.monotonic() + 600, "too long", lambda: "told to stop", answered.wait)
    lines = []
    try:
        with pytest.raises(JobProblem) as raised:
            process.run(["sh", "-c", "echo $$; sleep 600"], os.environ, lines.append, limits)
        assert not answered.is_set()
    finally:
        answered.set()
    assert raised.value.outcome == INTERRUPTED
    with pytest.raises(ProcessLookupError):
        os.kill(int(lines[0]), 0)
