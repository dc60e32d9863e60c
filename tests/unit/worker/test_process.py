"""The tool's end, when the world around it does not answer."""

import os
import threading
import time

import pytest

from worker import process
from worker.outcome import INTERRUPTED, TIMEOUT, JobProblem


def test_a_tool_is_ended_even_if_giving_its_message_back_hangs():
    answered = threading.Event()
    too_late = JobProblem(TIMEOUT, "too long")
    limits = process.Limits(time.monotonic() + 600, too_late, lambda: "told to stop", answered.wait)
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
