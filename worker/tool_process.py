"""Runs the tool: in a process group of its own, its output read line by line, its end made sure of."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Callable, Mapping

from worker import memory_limit
from worker.attempt_record import INTERRUPTED, TOOL_FAILED, JobProblem

# A line that never ends is cut into pieces of so many bytes.
LONGEST_LINE = 64 * 1024
# From SIGTERM to SIGKILL: after a timeout, and when this machine or worker must go.
TIMEOUT_GRACE = 5.0
STOP_GRACE = 2.0
# What comes before a stop asks AWS, which may not answer; the tool is ended all the same, in time.
_BEFORE_STOP = 1.0
# The tool has ended, but something it left behind may keep its output open.
_LEFTOVER_GRACE = 2.0
# A pipe holds no more, so the rest is not the tool's: https://man7.org/linux/man-pages/man7/pipe.7.html
_PIPE = 1024 * 1024
_LOOK_EVERY = 0.2


@dataclass(frozen=True)
class Limits:
    """When a run must end before the tool does: ``deadline`` on time.monotonic(), and what it then raises."""

    deadline: float
    too_late: Exception
    stopped: Callable[[], str]
    before_stop: Callable[[], None]


def run(argv: list[str], environ: Mapping[str, str], line: Callable[[str], None], limits: Limits) -> None:
    """Run to the end, each line of output handed to ``line``. Raises JobProblem unless the exit code is 0."""
    program = shutil.which(argv[0], path=environ.get("PATH"))
    if program is None:
        raise JobProblem(
            TOOL_FAILED, f"the program {argv[0]!r} of COMMAND is not in the image", hopeless=True
        )
    kills_before = memory_limit.oom_kills()
    try:
        process = subprocess.Popen(
            argv,
            executable=program,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        # A machine without memory or processes to spare may have some again.
        passes = isinstance(error, OSError) and error.errno in (errno.EAGAIN, errno.ENOMEM, errno.EMFILE)
        raise JobProblem(TOOL_FAILED, f"{argv[0]} cannot be started: {error}", hopeless=not passes) from None

    memory_limit.prefer_as_victim(process.pid)
    last = deque([""], maxlen=1)

    def keep(text: str) -> None:
        if text.strip():
            last.append(text.strip())
        line(text)

    moved = _Moved()
    reader = threading.Thread(target=_read_lines, args=(process.stdout, keep, moved), daemon=True)
    reader.start()
    try:
        _wait(process, limits)
    finally:
        _kill_group(process.pid, signal.SIGKILL)  # whatever the tool left running
        process.wait()
        _let_finish(reader, moved)
    if process.returncode:
        reason = how_it_ended(process.returncode, last[0])
        if memory_limit.oom_kills() > kills_before:
            reason = f"out of memory: the kernel ended the tool; raise MEMORY of config.py ({reason})"
        raise JobProblem(TOOL_FAILED, reason, exit_code=process.returncode)


def _wait(process: subprocess.Popen[bytes], limits: Limits) -> None:
    """Until the tool ends. Raises JobProblem when it had to be ended."""
    ended = threading.Event()

    def wait() -> None:
        process.wait()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    while not ended.wait(_LOOK_EVERY):
        reason = limits.stopped()
        if reason:
            before = threading.Thread(target=limits.before_stop, daemon=True)
            before.start()
            before.join(_BEFORE_STOP)
            _end(process, ended, STOP_GRACE)
            raise JobProblem(INTERRUPTED, reason)
        if time.monotonic() >= limits.deadline:
            _end(process, ended, TIMEOUT_GRACE)
            raise limits.too_late


def _end(process: subprocess.Popen[bytes], ended: threading.Event, grace: float) -> None:
    _kill_group(process.pid, signal.SIGTERM)
    if not ended.wait(grace):
        _kill_group(process.pid, signal.SIGKILL)


def _kill_group(leader: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # nobody of the group is left
        os.killpg(leader, number)


@dataclass
class _Moved:
    """How far the reader of a tool's output has come."""

    read: int = 0
    lines: int = 0


def _let_finish(reader: threading.Thread, moved: _Moved) -> None:
    """Wait for what the tool had written before its end, as long as the reader gets on with it."""
    end = moved.read + _PIPE
    before = None
    while reader.is_alive() and before != (moved.read, moved.lines) and moved.read < end:
        before = moved.read, moved.lines
        reader.join(_LEFTOVER_GRACE)


def _read_lines(stream: IO[bytes], line: Callable[[str], None], moved: _Moved) -> None:
    """Hand over each line as it comes; bytes that are no UTF-8 are replaced."""
    rest = b""
    while True:
        chunk = os.read(stream.fileno(), LONGEST_LINE)
        if not chunk:
            break
        moved.read += len(chunk)
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) >= LONGEST_LINE:
            whole, rest = [*whole, rest], b""
        for one in whole:
            line(one.rstrip(b"\r").decode("utf-8", "replace"))
            moved.lines += 1
    if rest:
        line(rest.decode("utf-8", "replace"))
    stream.close()


def how_it_ended(code: int, last_line: str) -> str:
    """The end of a process in words, from its exit code and the last line that it wrote."""
    said = f": {last_line[:500]}" if last_line else ""
    if code >= 0:
        return f"exit {code}{said}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    memory = " (most often: out of memory)" if name == "SIGKILL" else ""
    return f"killed by {name}{memory}{said}"
