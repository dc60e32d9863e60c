# -*- coding: utf-8 -*-
"""Lines on their way to CloudWatch Logs: one background thread for the worker, which no job ever waits for."""

from __future__ import division, print_function, unicode_literals

import threading
import time
from collections import OrderedDict

from python2worker.text import decoded

# PutLogEvents takes so much; each event counts 26 bytes beside its text.
BATCH_BYTES = 1024 * 1024
BATCH_EVENTS = 10000
EVENT_OVERHEAD = 26
LINE_BYTES = 200 * 1024
# What may wait to be sent; beyond it lines are dropped, and counted.
BUFFER_BYTES = 16 * 1024 * 1024
# What Python keeps around a line.
LINE_COST = 256
_FLUSH_EVERY = 1.0
_ATTEMPTS = 4
_CLOSE_SECONDS = 15.0


class CloudWatchLogs(object):
    """Takes lines at any time and sends them within about a second; ``say`` is told what did not work."""

    def __init__(self, logs, say):
        self._logs, self._say = logs, say
        self._lines, self._bytes, self._dropped = [], 0, 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._known = set()
        self._thread = threading.Thread(target=self._follow)
        self._thread.daemon = True
        self._thread.start()

    def write(self, group, stream, text):
        """Take a line; it is cut if it is very long, and dropped if too much waits already."""
        at = int(time.time() * 1000)
        data = text.encode("utf-8")
        with self._lock:
            for begin in range(0, len(data) or 1, LINE_BYTES):
                piece = data[begin : begin + LINE_BYTES]
                size = len(piece) + EVENT_OVERHEAD
                if self._bytes + size + LINE_COST > BUFFER_BYTES:
                    self._dropped += 1
                    return
                message = decoded(piece) or " "
                self._lines.append((group, stream, {"timestamp": at, "message": message}, size))
                self._bytes += size + LINE_COST

    def put(self, group, stream, text):
        """Send a line at once; one that does not arrive is kept, and sent with the others."""
        event = {"timestamp": int(time.time() * 1000), "message": text}
        if not self._send((group, stream), [event]):
            self.write(group, stream, text)

    def close(self):
        """Send what is left, for some seconds at most."""
        self._closing = True
        self._wake.set()
        self._thread.join(_CLOSE_SECONDS)

    def _follow(self):
        while True:
            self._wake.wait(_FLUSH_EVERY)
            self._wake.clear()
            closing = self._closing
            self._flush()
            if closing:
                return

    def _flush(self):
        with self._lock:
            lines, self._lines, self._bytes = self._lines, [], 0
            dropped, self._dropped = self._dropped, 0
        if dropped:
            self._say("{0} lines came faster than CloudWatch takes them and are not in the logs".format(dropped))
        streams = OrderedDict()
        for group, stream, event, size in lines:
            streams.setdefault((group, stream), []).append((event, size))
        for place, events in streams.items():
            batch, total = [], 0
            for event, size in events:
                if batch and (total + size > BATCH_BYTES or len(batch) == BATCH_EVENTS):
                    self._send(place, batch)
                    batch, total = [], 0
                batch.append(event)
                total += size
            self._send(place, batch)

    def _send(self, place, events):
        group, stream = place
        problem = None
        for attempt in range(_ATTEMPTS):
            try:
                self._ensure(group, stream)
                self._logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
                return True
            except Exception as error:
                self._known.discard(place)
                problem = error
            time.sleep(0.2 * 2**attempt)
        self._say(
            "{0} lines for {1}/{2} did not reach CloudWatch: {3}".format(len(events), group, stream, problem)
        )
        return False

    def _ensure(self, group, stream):
        if (group, stream) in self._known:
            return
        try:
            self._logs.create_log_stream(logGroupName=group, logStreamName=stream)
        except self._logs.exceptions.ResourceAlreadyExistsException:
            pass
        if len(self._known) > 10000:
            self._known.clear()
        self._known.add((group, stream))


def stream_name(job):
    """A job's name as CloudWatch allows it for a stream."""
    return job.replace(":", "_").replace("*", "_")[:512]
