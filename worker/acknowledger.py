"""Settles attempts that have ended, in the background: first the ledger's line, then the message.

In this order no job is gone from the queue and missing in the ledger, wherever the worker is killed; and the
next job runs meanwhile. Until then the message stays hidden by its own heartbeat.
"""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from typing import Callable, NamedTuple

from worker.aws.cloudwatch_logs import CloudWatchLogs, Line

# All workers write to one stream: CloudWatch has no limit for one, but makes only 50 in a second.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
LEDGER_STREAM = "ledger"
# So many attempts may wait: a worker that is killed now has them done again.
_MOST_WAITING = 4
# Lines that CloudWatch does not take are kept and sent again; older ones are let go.
_MOST_UNSENT = 10_000
_CLOSE_SECONDS = 40.0
# The loop receives the next job first: threads of Python share a processor, and while a tool runs it is free.
_NEXT_FIRST = 0.005


class Ended(NamedTuple):
    """An attempt's line of the ledger, and what settles its message."""

    line: Line
    acknowledge: Callable[[], None]


class Acknowledger:
    """Takes attempts from the loop, in order; ``say`` is told what could not be settled."""

    def __init__(self, logs: CloudWatchLogs, ledger_group: str, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._group = ledger_group
        self._say = say
        self._ended: queue.Queue[Ended | None] = queue.Queue(_MOST_WAITING)
        self._unsent: list[Line] = []
        self._thread = threading.Thread(target=self._follow, name="acknowledger", daemon=True)
        self._thread.start()

    def ended(self, line: str, acknowledge: Callable[[], None]) -> None:
        """An attempt has ended: its line is written, then ``acknowledge`` is called, soon."""
        self._ended.put(Ended(Line.now(self._group, LEDGER_STREAM, line, time.time()), acknowledge))

    def close(self) -> None:
        """Settle what waits, for some seconds at most."""
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
        """All that waits, once something does: the lines of very short jobs share a call."""
        found = [self._ended.get()]
        while True:
            try:
                found.append(self._ended.get_nowait())
            except queue.Empty:
                return found

    def _write(self, lines: list[Line]) -> None:
        """A ledger that CloudWatch does not take fails no job: the lines are sent with the next ones."""
        self._unsent = (self._unsent + lines)[-_MOST_UNSENT:]
        if self._unsent and self._logs.put(self._unsent):
            self._unsent = []
