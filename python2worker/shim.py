# -*- coding: utf-8 -*-
"""Runs the functions of a user's tool.py for the worker, in the Python that TOOL_PYTHON names: 2.7, or any 3.

    python2.7 shim.py SOCKET TOOL_FILE

SOCKET is the number of an open socket to the worker; messages are JSON documents, one a line, both ways.
What tool.py prints goes to the container's output. tool.py imports ``worker.api`` from here, with the names
that it has in the worker; what needs the worker (the bucket, placeholders, the worker's own functions) is
asked of it. The worker's side is in worker/tool_shim.py.
"""

from __future__ import print_function, unicode_literals

import atexit
import base64
import collections
import fcntl
import json
import os
import signal
import sys
import threading
import time
import traceback
import types

try:
    import queue

    TEXT, WHOLE = str, (int,)
except ImportError:
    import Queue as queue

    TEXT, WHOLE = unicode, (int, long)  # noqa: F821 - names of Python 2

FUNCTIONS = ("name", "inputs", "command", "output", "failure", "is_done")
# Before it, a dict forgets the order in which a job file gives its values.
DICT = dict if sys.version_info >= (3, 7) else collections.OrderedDict
_CHUNK = 64 * 1024
# Seconds that tool.py has to clear up (atexit) when the worker has ended.
_GRACE = 2


class JobProblem(Exception):
    """Ends an attempt without success. ``hopeless``: no further attempt can end better."""

    def __init__(self, outcome, reason, exit_code=None, hopeless=False):
        Exception.__init__(self, reason)
        self.outcome, self.reason, self.exit_code, self.hopeless = outcome, reason, exit_code, hopeless


class WorkerError(Exception):
    """What the worker could not do for tool.py, as it says it."""


class Source(collections.namedtuple(str("Source"), "key name")):
    """An object to download: its key, and its name in the input folder."""

    __slots__ = ()

    def __str__(self):
        return self.key


Filled = collections.namedtuple(str("Filled"), "argv environ")
Pattern = collections.namedtuple(str("Pattern"), "parts")


def packed(value):
    """A value as JSON that keeps its type: lists begin with the type's name (worker/shim_values.py)."""
    if value is None or isinstance(value, (TEXT, bool, float) + WHOLE):
        return value
    if isinstance(value, bytes) and bytes is str:  # text, in Python 2
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return ["other", "str (not valid UTF-8)"]
    if isinstance(value, Source):
        return ["Source", packed(value.key), packed(value.name)]
    if isinstance(value, Pattern):
        return ["Pattern", packed(value.parts)]
    if isinstance(value, Filled):
        return ["Filled", packed(value.argv), packed(value.environ)]
    if isinstance(value, dict):
        return ["dict", [[packed(key), packed(inner)] for key, inner in value.items()]]
    is_iterator = hasattr(value, "__next__") or hasattr(value, "next")
    if is_iterator or isinstance(value, (list, tuple, set, frozenset)):
        return ["tuple" if isinstance(value, tuple) else "list", [packed(inner) for inner in value]]
    if hasattr(value, "__fspath__"):
        return packed(value.__fspath__())
    if type(value).__module__ == "numpy" and hasattr(value, "item") and not getattr(value, "ndim", 0):
        return packed(value.item())
    return ["other", type(value).__name__]


def unpacked(data):
    """The value again."""
    if not isinstance(data, list):
        return data
    kind, inside = data[0], data[1]
    if kind == "Source":
        return Source(inside, data[2])
    if kind == "Pattern":
        return Pattern(unpacked(inside))
    if kind == "Filled":
        return Filled(unpacked(inside), unpacked(data[2]))
    if kind == "dict":
        return DICT((unpacked(key), unpacked(value)) for key, value in inside)
    return (tuple if kind == "tuple" else list)(unpacked(one) for one in inside)


class Worker(object):
    """The worker at the other end of the socket."""

    def __init__(self, descriptor):
        self._descriptor = descriptor
        self._lines = queue.Queue()
        self._lock = threading.Lock()
        self._process_id = os.getpid()
        self.job = None  # the one whose function runs
        reader = threading.Thread(target=self._read)
        reader.daemon = True
        reader.start()

    def receive(self):
        """Its next message. Raises SystemExit when the worker has ended."""
        line = self._lines.get()
        if line is None:
            sys.exit(0)
        return json.loads(line.decode("ascii"))

    def send(self, **message):
        """Everything is ASCII, so that no line is cut by what is in it."""
        if os.getpid() != self._process_id:
            os._exit(1)  # a copy of this process that tool.py made is not asked anything
        data = json.dumps(message).encode("ascii") + b"\n"
        while data:
            data = data[os.write(self._descriptor, data[: 16 * _CHUNK]) :]

    def ask(self, call, *arguments):
        """What the worker returns for tool.py. Raises what it raises."""
        with self._lock:
            if self.job is None:
                raise WorkerError("the worker can be asked only while a function of tool.py runs")
            self.send(call=call, arguments=packed(arguments), values=self.job.changed_values())
            answer = self.receive()
        if "problem" in answer:
            raise JobProblem(*answer["problem"])
        if "value_error" in answer:
            raise ValueError(answer["value_error"])
        if "error" in answer:
            raise WorkerError(answer["error"])
        return unpacked(answer["result"])

    def items(self, number):
        """What an iterator of the worker yields."""
        chunk = True
        while chunk:
            chunk = self.ask("next", number)
            for one in chunk:
                yield one

    def answer(self, **message):
        """Return from a function of tool.py."""
        with self._lock:
            self.send(values=self.job.changed_values(), **message)
            self.job = None

    def _read(self):
        """In a thread of its own, so that the worker's end is noticed whatever tool.py is doing."""
        pieces = []
        while True:
            try:
                chunk = os.read(self._descriptor, _CHUNK)
            except OSError:
                chunk = b""
            if not chunk:
                break
            lines = chunk.split(b"\n")
            for end in lines[:-1]:
                self._lines.put(b"".join(pieces + [end]))
                pieces = []
            pieces.append(lines[-1])
        self._lines.put(None)
        time.sleep(_GRACE)
        end_group()


def end_group():
    """End this process with what tool.py left running."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(0)


class SourceBucket(object):
    """SOURCE_BUCKET, for what depends on what stands in it."""

    def __init__(self, worker, name):
        self._worker, self.name = worker, name

    def read(self, key):
        """The content of an object, as bytes. Raises JobProblem when there is none."""
        return base64.b64decode(self._worker.ask("read", key))

    def keys(self, prefix):
        """The keys of the objects under a prefix."""
        return self._worker.items(self._worker.ask("keys", prefix))


class Environment(object):
    """The worker's settings."""


class Job(object):
    """One message of the queue, with the attributes and methods that it has in the worker."""

    def __init__(self, worker):
        self._worker = worker
        self.values = DICT()

    def update(self, fields):
        """Take over what the worker knows of the job by now."""
        environment = Environment()
        environment.__dict__.update(fields.pop("environment"))
        self.values.update(fields.pop("values"))
        self.__dict__.update(fields)
        self.environment = environment
        self.source = SourceBucket(self._worker, environment.source_bucket)
        self._known = packed(self.values)

    def changed_values(self):
        """The values, when tool.py has changed them."""
        values = packed(self.values)
        if values == self._known:
            return None
        self._known = values
        return values

    def __getitem__(self, key):
        return self.values[key]

    def place(self, **own):
        for key, value in own.items():
            setattr(self, {"job": "name"}.get(key, key), value)
        self.values.update(own)


def api_of(worker):
    """The module that tool.py imports as ``worker.api``."""
    api = types.ModuleType(str("worker.api"))
    api.Filled, api.Job, api.JobProblem, api.Source = Filled, Job, JobProblem, Source

    def asking(call):
        return lambda *arguments: worker.ask(call, *arguments)

    def default(name):
        # The job is the one that the worker is at.
        return lambda job, *arguments: worker.ask("default", name, *arguments)

    for call in ("fill", "fill_command", "job_name", "safe_name"):
        setattr(api, call, asking(call))
    for name in FUNCTIONS:
        setattr(api, name, default(name))
    return api


def loaded(path):
    """tool.py as a module. Raises ValueError with the place of its mistake."""
    module = types.ModuleType(str("own_tool"))
    sys.modules[module.__name__] = module
    version = "%d.%d" % sys.version_info[:2]
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", 0, True)
        exec(code, module.__dict__)  # noqa: S102 - the tool's own
    except SyntaxError as error:
        raise ValueError("%s, line %s: not valid Python %s: %s" % (path, error.lineno, version, error.msg))
    except BaseException as error:
        lines = [frame[1] for frame in traceback.extract_tb(sys.exc_info()[2]) if frame[0] == path]
        place = ", line %d" % lines[-1] if lines else ""
        raise ValueError("%s%s: %s" % (path, place, told(error)))
    for name in FUNCTIONS:
        value = getattr(module, name, loaded)
        if not callable(value):
            kind = type(value).__name__
            raise ValueError("%s: %s must be a function, not a value of type %s" % (path, name, kind))
    return module


def text_of(error):
    try:
        return TEXT(error)
    except UnicodeError:
        return bytes(error).decode("utf-8", "replace")


def told(error):
    """An error as the last line of its traceback; what the worker said, as it said it."""
    text = text_of(error)
    if isinstance(error, WorkerError):
        return text
    return type(error).__name__ + (": " + text if text else "")


def run(worker, function, job, arguments):
    """Run one function of tool.py and answer with what became of it."""
    try:
        message = {"result": packed(function(job, *arguments))}
    except JobProblem as problem:
        parts = [problem.outcome, text_of(problem), problem.exit_code, bool(problem.hopeless)]
        message = {"problem": packed(parts)}
    except ValueError as error:
        message = {"value_error": text_of(error)}
    except BaseException as error:
        trace = traceback.format_exc()
        trace = trace if isinstance(trace, TEXT) else trace.decode("utf-8", "replace")
        message = {"error": told(error), "traceback": trace}
    sys.stdout.flush()
    worker.answer(**message)


def main():
    descriptor, path = int(sys.argv[1]), sys.argv[2]
    # What tool.py starts must not keep the socket open.
    fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.fcntl(descriptor, fcntl.F_GETFD) | fcntl.FD_CLOEXEC)
    os.environ.pop("PYTHONIOENCODING", None)  # meant for this process alone
    atexit.register(end_group)  # the first one registered is the last to run
    del sys.path[0]
    worker = Worker(descriptor)
    package = types.ModuleType(str("worker"))
    package.__path__ = []
    package.api = api_of(worker)
    sys.modules.update({str("worker"): package, str("worker.api"): package.api})
    worker.send(python=sys.version.split()[0])
    try:
        module = loaded(path)
    except ValueError as mistake:
        worker.send(mistake=TEXT(mistake))
        return
    worker.send(functions=[name for name in FUNCTIONS if hasattr(module, name)])
    job, number = None, None
    while True:
        asked = worker.receive()
        if asked["job"] != number:
            job, number = Job(worker), asked["job"]
        job.update(unpacked(asked["fields"]))
        worker.job = job
        arguments = [] if asked["objects"] is None else [worker.items(asked["objects"])]
        run(worker, getattr(module, asked["function"]), job, arguments)


if __name__ == "__main__":
    main()
