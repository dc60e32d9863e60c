# -*- coding: utf-8 -*-
"""Runs the tool: in a process group of its own, its output read line by line, its end made sure of."""

from __future__ import division, print_function, unicode_literals

import errno
import os
import signal
import subprocess
import threading
import time

from python2worker.outcome import INTERRUPTED, TOOL_FAILED, JobProblem
from python2worker.text import decoded

LONGEST_LINE = 64 * 1024
# From SIGTERM to SIGKILL: after a timeout, and when this machine or worker must go.
TIMEOUT_GRACE = 5.0
STOP_GRACE = 2.0
# What comes before a stop asks AWS, which may not answer; the tool is ended all the same, in time.
_BEFORE_STOP = 1.0
_LEFTOVER_GRACE = 2.0
# A pipe holds no more, so the rest is not the tool's.
_PIPE = 1024 * 1024
_LOOK_EVERY = 0.2


def run(arguments, environment, line, deadline, too_late, stopped, before_stop):
    """Run to the end, each line of output handed to ``line``. Raises JobProblem unless the exit code is 0.

    ``deadline`` in seconds since 1970, with the JobProblem that it then is; ``stopped`` returns why to stop, or ''.
    """
    program = which(arguments[0], environment.get("PATH", os.defpath))
    if program is None:
        reason = "the program '{0}' of COMMAND is not in the image".format(arguments[0])
        raise JobProblem(TOOL_FAILED, reason, hopeless=True)
    try:
        with open(os.devnull) as nothing:
            process = subprocess.Popen(
                [_bytes(one) for one in arguments],
                executable=_bytes(program),
                env=dict((_bytes(key), _bytes(value)) for key, value in environment.items()),
                stdin=nothing,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                preexec_fn=_on_its_own,
                close_fds=True,
            )
    except (EnvironmentError, TypeError) as error:
        reason = "{0} cannot be started: {1}".format(arguments[0], error)
        # A machine without memory or processes to spare may have some again.
        passes = getattr(error, "errno", None) in (errno.EAGAIN, errno.ENOMEM, errno.EMFILE)
        raise JobProblem(TOOL_FAILED, reason, hopeless=not passes)

    last = [""]

    def keep(text):
        last[0] = text.strip() or last[0]
        line(text)

    moved = [0, 0]  # bytes read, lines handed over
    reader = threading.Thread(target=_read_lines, args=(process.stdout.fileno(), keep, moved))
    reader.daemon = True
    reader.start()
    ended = threading.Event()
    waiter = threading.Thread(target=lambda: (process.wait(), ended.set()))
    waiter.daemon = True
    waiter.start()
    try:
        _wait(process.pid, ended, deadline, too_late, stopped, before_stop)
    finally:
        kill_group(process.pid, signal.SIGKILL)  # whatever the tool left running
        waiter.join()
        _let_finish(reader, moved)
    if process.returncode:
        raise JobProblem(
            TOOL_FAILED, _how_it_ended(process.returncode, last[0]), exit_code=process.returncode
        )


def _on_its_own():
    """In the new process: a group of its own, and signals as a program expects them (Python ignores SIGPIPE)."""
    os.setsid()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def _wait(leader, ended, deadline, too_late, stopped, before_stop):
    while not ended.wait(_LOOK_EVERY):
        reason = stopped()
        if reason:
            before = threading.Thread(target=before_stop)
            before.daemon = True
            before.start()
            before.join(_BEFORE_STOP)
            _end(leader, ended, STOP_GRACE)
            raise JobProblem(INTERRUPTED, reason)
        if time.time() >= deadline:
            _end(leader, ended, TIMEOUT_GRACE)
            raise too_late


def _end(leader, ended, grace):
    kill_group(leader, signal.SIGTERM)
    if not ended.wait(grace):
        kill_group(leader, signal.SIGKILL)


def kill_group(leader, number):
    try:
        os.killpg(leader, number)
    except OSError as error:
        if error.errno not in (errno.ESRCH, errno.EPERM):  # nobody of the group is left
            raise


def lives(process_id):
    """Whether there is a process of this number."""
    try:
        os.kill(process_id, 0)
    except OSError as error:
        return error.errno != errno.ESRCH
    return True


def which(program, path):
    """The program's place, or None."""
    candidates = [program] if "/" in program else [os.path.join(one, program) for one in path.split(":")]
    for candidate in candidates:
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    return None


def _let_finish(reader, moved):
    """Wait for what the tool had written before its end, as long as the reader gets on with it."""
    end, before = moved[0] + _PIPE, None
    while reader.is_alive() and before != moved and moved[0] < end:
        before = list(moved)
        reader.join(_LEFTOVER_GRACE)


def _read_lines(descriptor, line, moved):
    """Hand over each line as it comes; bytes that are no UTF-8 are replaced."""
    rest = b""
    while True:
        chunk = os.read(descriptor, LONGEST_LINE)
        if not chunk:
            break
        moved[0] += len(chunk)
        whole = (rest + chunk).split(b"\n")
        rest = whole.pop()
        if len(rest) >= LONGEST_LINE:
            whole, rest = whole + [rest], b""
        for one in whole:
            line(decoded(one.rstrip(b"\r")))
            moved[1] += 1
    if rest:
        line(decoded(rest))


def _how_it_ended(code, last_line):
    said = ": " + last_line[:500] if last_line else ""
    if code > 0:
        return "exit {0}{1}".format(code, said)
    names = [name for name in dir(signal) if name.startswith("SIG") and getattr(signal, name) == -code]
    name = (names or ["signal {0}".format(-code)])[0]
    memory = " (most often: out of memory)" if name == "SIGKILL" else ""
    return "killed by {0}{1}{2}".format(name, memory, said)


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8")
