"""The tool's end, when the world around it does not answer."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.waiting import wait_until
from worker import process_table, tool_process
from worker.attempt_record import INTERRUPTED, TIMEOUT, JobProblem

TOO_LATE = JobProblem(TIMEOUT, "too long")


def test_a_tool_is_ended_even_if_giving_its_message_back_hangs():
    answered = threading.Event()
    limits = tool_process.Limits(time.monotonic() + 600, TOO_LATE, lambda: "told to stop", answered.wait)
    lines = []
    try:
        with pytest.raises(JobProblem) as raised:
            tool_process.run(["sh", "-c", "echo $$; sleep 600"], os.environ, lines.append, limits)
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
                assert process_table.children(os.getpid()) >= {one.pid for one in started}
    finally:
        for one in started:
            one.kill()
            one.wait()
    assert not process_table.children(os.getpid()) & {one.pid for one in started}


def test_what_a_tool_printed_last_is_read_however_long_that_takes():
    """Its end is when the log matters most; a slow computer had two seconds for the rest of the pipe."""
    limits = tool_process.Limits(time.monotonic() + 600, TOO_LATE, lambda: "", lambda: None)
    lines = []

    def slowly(text):
        lines.append(text)
        time.sleep(0.001)

    tool_process.run(["sh", "-c", "yes x | head -n 4000; echo the end"], os.environ, slowly, limits)
    assert (len(lines), lines[-1]) == (4001, "the end")


def test_what_a_tool_left_running_is_not_read_for_ever(tmp_path):
    """It has left its group too, and holds the output open."""
    limits = tool_process.Limits(time.monotonic() + 600, TOO_LATE, lambda: "", lambda: None)
    left = tmp_path / "left.py"
    left.write_text(
        "import os, sys, time\nos.setsid()\nopen(sys.argv[1], 'w').close()\n"
        "print(os.getpid(), flush=True)\ntime.sleep(600)\n"
    )
    lines = []
    script = (
        f"{sys.executable} {left} {tmp_path}/started & while [ ! -e {tmp_path}/started ]; do sleep 0.1; done"
    )
    try:
        tool_process.run(["sh", "-c", script], os.environ, lines.append, limits)
    finally:
        wait_until(lambda: lines, "it has told its number")
        os.kill(int(lines[0]), signal.SIGKILL)
