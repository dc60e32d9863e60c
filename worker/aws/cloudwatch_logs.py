"""Lines on their way to CloudWatch Logs: one background thread for the worker, which no job ever waits for.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Callable, NamedTuple

if TYPE_CHECKING:
    from types_boto3_logs import CloudWatchLogsClient

    from worker.aws.fast_client import FastCalls

from worker.aws.error_codes import error_code

# PutLogEvents takes so much; each event counts 26 bytes beside its text.
BATCH_BYTES = 1024 * 1024
BATCH_EVENTS = 10_000
EVENT_OVERHEAD = 26
# A longer line is cut into pieces.
LINE_BYTES = 200 * 1024
# What may wait to be sent; beyond it lines are dropped, and counted.
BUFFER_BYTES = 16 * 1024 * 1024
# What Python keeps around a line: millions of empty ones would take gigabytes otherwise.
LINE_COST = 256
_FLUSH_EVERY = 1.0
_ATTEMPTS = 4
_LONGEST_PAUSE = 30.0
_TOO_MANY = {"ThrottlingException", "Throttling", "LimitExceededException", "TooManyRequestsException"}
_CLOSE_SECONDS = 15.0


class Line(NamedTuple):
    """One event: where it goes, when it was (ms since 1970), what it says, and its size in bytes."""

    group: str
    stream: str
    at: int
    text: str
    size: int

    @classmethod
    def now(cls, group: str, stream: str, text: str, seconds: float) -> Line:
        """``seconds``: since 1970."""
        return cls(
            group, stream, int(seconds * 1000), text, len(text.encode("utf-8", "replace")) + EVENT_OVERHEAD
        )


def stream_name(job: str) -> str:
    """A job's name as CloudWatch allows it for a stream."""
    return job.replace(":", "_").replace("*", "_")[:512]


def batches(lines: list[Line]) -> list[list[Line]]:
    """Split one stream's lines, which are in time order, into what PutLogEvents takes."""
    found: list[list[Line]] = []
    size = 0
    for line in lines:
        if not found or size + line.size > BATCH_BYTES or len(found[-1]) == BATCH_EVENTS:
            found.append([])
            size = 0
        found[-1].append(line)
        size += line.size
    return found


class CloudWatchLogs:
    """Takes lines at any time and sends them within about a second; ``say`` is told what did not work."""

    def __init__(
        self,
        logs: CloudWatchLogsClient | FastCalls,
        say: Callable[[str], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._logs = logs
        self._say = say
        self._now = now
        self._lines: deque[Line] = deque()
        self._bytes = 0
        self._dropped = 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._some_wait = False
        self._no_stream_until = 0.0
        self._stream_pause = _FLUSH_EVERY
        self._known: set[tuple[str, str]] = set()
        self._thread = threading.Thread(target=self._follow, name="cloudwatch-logs", daemon=True)
        self._thread.start()

    def write(self, group: str, stream: str, text: str) -> None:
        """Take a line: cut if it is very long, dropped if too much waits already."""
        at = int(self._now() * 1000)
        data = text.encode("utf-8", "replace")
        with self._lock:
            for begin in range(0, len(data) or 1, LINE_BYTES):
                piece = data[begin : begin + LINE_BYTES].decode("utf-8", "replace") or " "
                size = min(len(data) - begin, LINE_BYTES) + EVENT_OVERHEAD
                if self._bytes + size + LINE_COST > BUFFER_BYTES:
                    self._dropped += 1
                    return
                self._lines.append(Line(group, stream, at, piece, size))
                self._bytes += size + LINE_COST

    def put(self, lines: list[Line]) -> bool:
        """Send lines of one stream at once, before any other. Returns whether CloudWatch has all of them.

        The stream is expected to be there: an account makes so few in a second that not each of a thousand
        workers that share one should ask for it.
        """
        group, stream = lines[0].group, lines[0].stream
        return all(self._send(group, stream, batch, missing=False) for batch in batches(lines))

    def send_soon(self) -> None:
        """Send what there is now: a job has ended, and no line of it comes any more.

        Each job has a stream of its own, so this costs no call that would not be made within a second.
        """
        if not self._some_wait:
            self._wake.set()

    def close(self) -> None:
        """Send what is left, for some seconds at most."""
        self._closing = True
        self._wake.set()
        self._thread.join(_CLOSE_SECONDS)

    def _follow(self) -> None:
        while True:
            self._wake.wait(_FLUSH_EVERY)
            self._wake.clear()
            closing = self._closing
            self._some_wait = self._flush()
            if closing and not self._some_wait:
                return

    def _flush(self) -> bool:
        """Send what waits. Returns whether some must wait on for their stream."""
        with self._lock:
            lines, self._lines, self._bytes = self._lines, deque(), 0
            dropped, self._dropped = self._dropped, 0
        if dropped:
            self._say(f"{dropped} lines came faster than CloudWatch takes them and are not in the logs")
        streams: dict[tuple[str, str], list[Line]] = {}
        for line in lines:
            streams.setdefault((line.group, line.stream), []).append(line)
        held: list[Line] = []
        for (group, stream), found in streams.items():
            if self._may_write(group, stream):
                for batch in batches(found):
                    self._send(group, stream, batch)
            else:
                held += found
        with self._lock:
            self._lines.extendleft(reversed(held))
            self._bytes += sum(line.size + LINE_COST for line in held)
        return bool(held)

    def _may_write(self, group: str, stream: str) -> bool:
        """Whether the stream is there, or can be made now: an account makes only so many in a second."""
        if (group, stream) in self._known:
            return True
        if self._now() < self._no_stream_until:
            return False
        try:
            self._ensure(group, stream)
        except Exception as error:
            if error_code(error) in _TOO_MANY:
                self._no_stream_until = self._now() + self._stream_pause
                self._stream_pause = min(2 * self._stream_pause, _LONGEST_PAUSE)
                return False
        self._stream_pause = _FLUSH_EVERY
        return True  # what else went wrong is told when the lines cannot be sent

    def _send(self, group: str, stream: str, batch: list[Line], missing: bool = True) -> bool:
        """Send one batch; make the stream first if it may be missing. After attempts in vain say so."""
        for attempt in range(_ATTEMPTS):
            try:
                if missing:
                    self._ensure(group, stream)
                self._logs.put_log_events(
                    logGroupName=group,
                    logStreamName=stream,
                    logEvents=[{"timestamp": line.at, "message": line.text} for line in batch],
                )
                return True
            except self._logs.exceptions.ResourceNotFoundException as error:
                self._known.discard((group, stream))
                missing = True
                problem: Exception = error
            except Exception as error:
                problem = error
            if attempt + 1 < _ATTEMPTS:
                time.sleep(0.2 * 2**attempt)
        self._say(f"{len(batch)} lines for {group}/{stream} did not reach CloudWatch: {problem}")
        return False

    def _ensure(self, group: str, stream: str) -> None:
        if (group, stream) in self._known:
            return
        with contextlib.suppress(self._logs.exceptions.ResourceAlreadyExistsException):
            self._logs.create_log_stream(logGroupName=group, logStreamName=stream)
        if len(self._known) > 10_000:
            self._known.clear()  # a worker that runs for weeks; asking again costs one call
        self._known.add((group, stream))
