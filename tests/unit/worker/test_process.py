"""The tool's end, when the world around it does not answer."""

import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

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


def test_children_are_found_while_others_come_and_go():
    started = [subprocess.Popen(["sleep", "60"]) for _ in range(3)]
    try:
        with ThreadPoolExecutor(4) as pool:  # processes end while they are looked at
            ending = [pool.submit(subprocess.run, ["true"], check=True) for _ in range(200)]
            while not all(one.done() for one in ending):
                assert process.children(os.getpid()) >= {one.pid for one in started}
    finally:
        for one in started:
            one.kill()
            one.wait()
    assert not process.children(os.getpid()) & {one.pid for one in started}
