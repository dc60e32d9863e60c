"""Acknowledges finished attempts in the background: first the ledger's line, then the message.

In this order, no job leaves the queue without a line in the ledger, even if the worker is killed. The
next job runs meanwhile, and heartbeats keep the message hidden.
"""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from typing import Callable, NamedTuple

from worker.aws.cloudwatch_logs import CloudWatchLogs, Line

# All workers write to one stream: CloudWatch creates at most 50 streams per second, without a limit per
# stream. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
LEDGER_STREAM = "ledger"
# The most waiting attempts: they are repeated if the worker is killed now.
_MOST_WAITING = 4
# The most lines kept to be sent again after a refusal of CloudWatch; older ones are dropped.
_MOST_UNSENT = 10_000
_CLOSE_SECONDS = 40.0
# Lets the loop receive the next job first: Python's threads share a processor, which is free while a tool
# runs.
_NEXT_FIRST = 0.005


class Ended(NamedTuple):
    """An attempt's line for the ledger, and the function that acknowledges its message."""

    line: Line
    acknowledge: Callable[[], None]


class Acknowledger:
    """Receives attempts from the loop, in order; ``say`` reports those that cannot be acknowledged."""

    def __init__(self, logs: CloudWatchLogs, ledger_group: str, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._group = ledger_group
        self._say = say
        self._ended: queue.Queue[Ended | None] = queue.Queue(_MOST_WAITING)
        self._unsent: list[Line] = []
        self._thread = threading.Thread(target=self._follow, name="acknowledger", daemon=True)
        self._thread.start()

    def ended(self, line: str, acknowledge: Callable[[], None]) -> None:
        """Queue a finished attempt: its line is written soon, and then ``acknowledge`` is called."""
        self._ended.put(Ended(Line.now(self._group, LEDGER_STREAM, line, time.time()), acknowledge))

    def close(self) -> None:
        """Acknowledge what waits, within a few seconds."""
        with suppress(queue.Full):
            self._ended.put(None, timeout=_CLOSE_SECONDS)
            self._thread.join(_CLOSE_SECONDS)

    def _follow(self) -> None:
        closing = False
        while not closing:
            found = self._waiting()
            closing = None in found
            ended = [one for one in found if one is not None]
            if not closing:
                time.sleep(_NEXT_FIRST)
            self._write([one.line for one in ended])
            for one in ended:
                try:
                    one.acknowledge()
                except Exception as error:  # the message comes back by itself
                    self._say(f"A message could not be settled: {error}")
            self._logs.send_soon()

    def _waiting(self) -> list[Ended | None]:
        """Wait for attempts and return all that are queued, so that lines of very short jobs share a call."""
        found = [self._ended.get()]
        while True:
            try:
                found.append(self._ended.get_nowait())
            except queue.Empty:
                return found

    def _write(self, lines: list[Line]) -> None:
        """Write the lines; those that CloudWatch refuses are sent with the next ones, and fail no job."""
        self._unsent = (self._unsent + lines)[-_MOST_UNSENT:]
        if self._unsent and self._logs.put(self._unsent):
            self._unsent = []
