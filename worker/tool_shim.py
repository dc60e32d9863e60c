"""The functions of tool.py in a Python of the tool's image (TOOL_PYTHON): calls to python2worker/shim.py.

The shim is a process of its own beside the worker, started once, and again when it has died. Each message
is a JSON document on a line. While a function of tool.py runs, the shim asks the worker for what it does not
have: the bucket, placeholders, the functions that tool.py leaves out.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping

from worker import default_tool, inputs, memory_limit, tool_process
from worker.attempt_record import INTERRUPTED, JobProblem
from worker.job import Job
from worker.protocol import command_line, placeholders
from worker.shim_values import holds_foreign, packed, unpacked
from worker.tool_process import Limits

SHIM = Path(__file__).resolve().parents[1] / "python2worker" / "shim.py"
# A longer answer of tool.py is no answer.
LONGEST_ANSWER = 64 * 1024 * 1024
# Seconds until a Python answers, and until it has executed tool.py with all that it imports.
_START, _LOAD = 60.0, 600.0
# Seconds that the shim has to end by itself.
_GRACE = 3.0
_LOOK_EVERY = 0.2
_CHUNK = 256 * 1024
# So many keys or files of a listing are sent at once.
_ITEMS = 1000


class ToolProblem(Exception):
    """A tool.py, or a TOOL_PYTHON, that cannot be used, as a sentence with the place."""


class FunctionFailed(Exception):
    """A function of tool.py raised an error, or ended its process. ``trace``: the traceback, or ''."""

    def __init__(self, reason: str, trace: str = "") -> None:
        super().__init__(reason)
        self.trace = trace


class ToolShim:
    """One process of TOOL_PYTHON that has executed tool.py. ``functions``: those that tool.py has."""

    def __init__(self, python: str, tool_file: Path, environ: Mapping[str, str]) -> None:
        """Start it. Raises ToolProblem."""
        self._python = python
        self._tool_file = tool_file
        self._environ = environ
        self._program = find(python, environ)
        self._job: Job | None = None
        self._number = 0
        self._iterators: dict[int, Iterator[Any]] = {}
        self.functions: tuple[str, ...] = ()
        self.version = ""
        self._start(_nothing)

    def call(self, name: str, job: Job, objects: Any = None) -> Any:
        """What a function of tool.py returns.

        Raises ValueError and JobProblem as the function does, FunctionFailed for all else.
        """
        limits = (job.limits or _nothing)(f"{name}() of tool.py")
        if self._process.poll() is not None:
            self._kill()
            self._start(lambda what: limits)
        if job is not self._job:
            self._job, self._iterators = job, {}
            self._number += 1
        self._send(
            limits,
            function=name,
            job=self._number,
            fields=packed(_fields(job)),
            objects=None if objects is None else self._kept(iter(objects)),
        )
        while True:
            answer = self._receive(limits, f"{name}() of tool.py")
            if answer.get("values") is not None:
                job.values = _plain_values(answer["values"])
            if "call" not in answer:
                break
            self._send(limits, **self._answer_to(answer["call"], unpacked(answer["arguments"]), job))
        if "problem" in answer:
            raise JobProblem(*unpacked(answer["problem"]))
        if "value_error" in answer:
            raise ValueError(answer["value_error"])
        if "error" in answer:
            raise FunctionFailed(answer["error"], answer["traceback"])
        return unpacked(answer["result"])

    def close(self) -> None:
        """End it, with what tool.py left running."""
        self._socket.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=_GRACE)
        self._kill()

    def _start(self, limits_of: Callable[[str], Limits]) -> None:
        """Raises ToolProblem."""
        ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(
                [self._program, str(SHIM), str(theirs.fileno()), str(self._tool_file)],
                env={**self._environ, "PYTHONIOENCODING": "utf-8:backslashreplace"},
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # it ends with the worker, not with the worker's tool or terminal
            )
        except OSError as error:
            ours.close()
            raise ToolProblem(f"TOOL_PYTHON = {self._python!r} cannot be started: {error.strerror}") from None
        finally:
            theirs.close()
        memory_limit.prefer_as_victim(self._process.pid)
        self._socket, self._rest, self._ended = ours, [b""], False
        ours.setblocking(False)
        # It knows nothing of a job that another process of tool.py has begun.
        self._job = None
        given = limits_of("")
        late = ToolProblem(
            f"TOOL_PYTHON = {self._python!r} has not answered in {_START:.0f} s: is it a Python?"
        )
        try:
            first = self._receive(_sooner(given, _START, late), "its start")
            self.version = first["python"]
        except (FunctionFailed, KeyError) as problem:
            raise ToolProblem(
                f"TOOL_PYTHON = {self._python!r} is not a Python that works: {problem}"
            ) from None
        late = ToolProblem(f"{self._tool_file}: its imports took more than {_LOAD:.0f} s")
        try:
            loaded = self._receive(_sooner(given, _LOAD, late), "the loading of tool.py")
        except FunctionFailed as problem:
            raise ToolProblem(f"{self._tool_file}: {problem}") from None
        if "mistake" in loaded:
            raise ToolProblem(loaded["mistake"])
        self.functions = tuple(loaded["functions"])

    def _answer_to(self, call: str, arguments: Any, job: Job) -> dict[str, Any]:
        """What the shim gets for something that tool.py asked of the worker."""
        try:
            return {"result": packed(self._asked(call, job, *arguments))}
        except JobProblem as problem:
            return {"problem": [problem.outcome, problem.reason, problem.exit_code, problem.hopeless]}
        except placeholders.PlaceholderError as error:
            return {"value_error": str(error)}
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}

    def _asked(self, call: str, job: Job, *arguments: Any) -> Any:
        if call == "read":
            return base64.b64encode(job.source.read(*arguments)).decode("ascii")
        if call == "keys":
            return self._kept(iter(job.source.keys(*arguments)))
        if call == "next":
            return list(islice(self._iterators[arguments[0]], _ITEMS))
        if call == "default":
            name, *others = arguments
            return getattr(default_tool, name)(job, *others)
        functions: dict[str, Callable[..., Any]] = {
            "fill": placeholders.fill,
            "fill_command": command_line.fill_command,
            "job_name": placeholders.job_name,
            "safe_name": inputs.safe_name,
        }
        return functions[call](*arguments)

    def _kept(self, iterator: Iterator[Any]) -> int:
        """The number by which the shim takes from an iterator."""
        number = len(self._iterators)
        self._iterators[number] = iterator
        return number

    def _send(self, limits: Limits, **message: Any) -> None:
        data = memoryview(json.dumps(message).encode("ascii") + b"\n")
        while data and self._process.poll() is None:
            self._wait(limits, writing=True)
            try:
                data = data[self._socket.send(data[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError:
                return  # it has died: receiving tells how

    def _receive(self, limits: Limits, what: str) -> dict[str, Any]:
        """The shim's next message. Raises FunctionFailed when it has died, and what ``limits`` say."""
        size = sum(map(len, self._rest))
        while b"\n" not in self._rest[-1]:
            self._wait(limits)
            try:
                chunk = self._socket.recv(_CHUNK)
            except BlockingIOError:
                if self._process.poll() is None:
                    continue
                chunk = b""  # a copy that it made of itself may keep the socket open
            except OSError:
                chunk = b""
            size += len(chunk)
            if not chunk:
                self._kill()
                how = tool_process.how_it_ended(self._process.returncode, "")
                raise FunctionFailed(f"{self._python} ended in {what}: {how}")
            if size > LONGEST_ANSWER:
                self._kill()
                raise ValueError(f"{what} returned more than {LONGEST_ANSWER // 1024**2} MB")
            self._rest.append(chunk)
        line, _, rest = b"".join(self._rest).partition(b"\n")
        self._rest = [rest]
        return dict(json.loads(line))

    def _wait(self, limits: Limits, writing: bool = False) -> None:
        """Until the socket is ready, or the process has died. Raises what ``limits`` say, after ending it."""
        ready: Any = ()
        while not any(ready) and self._process.poll() is None:
            ready = select.select(
                [] if writing else [self._socket], [self._socket] * writing, [], _LOOK_EVERY
            )
            reason = limits.stopped()
            if reason:
                self._kill()
                raise JobProblem(INTERRUPTED, reason)
            if not any(ready) and time.monotonic() >= limits.deadline:
                self._kill()
                raise limits.too_late

    def _kill(self) -> None:
        if not self._ended:
            self._ended = True
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._socket.close()


def find(python: str, environ: Mapping[str, str]) -> str:
    """The path of the program that TOOL_PYTHON names. Raises ToolProblem."""
    program = shutil.which(python, path=environ.get("PATH"))
    if program is None:
        raise ToolProblem(
            f"TOOL_PYTHON = {python!r}: there is no such program here; write a Python that is in the tool's "
            "image, for example 'python2.7', or its path"
        )
    return program


def _fields(job: Job) -> dict[str, Any]:
    """What the shim's Job has."""
    environment = job.environment
    own = {name: getattr(environment, name) for name in ("ledger_log_group", "bucket_folder")}
    names = ("message", "attempt", "name", "input", "output", "scratch", "values")
    return {**{name: getattr(job, name) for name in names}, "environment": {**asdict(environment), **own}}


def _plain_values(data: Any) -> dict[str, Any]:
    """A job's values as tool.py left them, without those that only tool.py can use."""
    values = unpacked(data)
    return {key: value for key, value in values.items() if not holds_foreign(value)}


def _nothing(what: str) -> Limits:
    """No limits, for calls outside of an attempt."""
    return Limits(float("inf"), JobProblem(INTERRUPTED, ""), lambda: "", lambda: None)


def _sooner(limits: Limits, seconds: float, late: Exception) -> Limits:
    """These limits, or so many seconds from now."""
    at = time.monotonic() + seconds
    if limits.deadline < at:
        return limits
    return Limits(at, late, limits.stopped, limits.before_stop)
