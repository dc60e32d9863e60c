# -*- coding: utf-8 -*-
"""The worker's hold on a message: a heartbeat keeps it hidden from the others while the job runs.

SQS hides a message for 12 hours at most, counted from its receipt.
"""

from __future__ import division, print_function, unicode_literals

import threading
import time

LONGEST = 12 * 3600.0
MARGIN = 600.0
_AGAIN_AFTER = 2.0
# Codes of SQS for a hold that is no more.
_REFUSED = (
    "InvalidParameterValue",
    "ReceiptHandleIsInvalid",
    "MessageNotInflight",
    "AWS.SimpleQueueService.MessageNotInflight",
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
)


class Lease(object):
    """Holds one message from its receipt on; to be used in a ``with`` statement."""

    def __init__(self, sqs, queue_url, receipt, visibility, say):
        self._sqs, self._queue_url, self._receipt = sqs, queue_url, receipt
        self._visibility, self._say = visibility, say
        self._received = time.time()
        self._held_until = self._received + visibility
        self._refused = ""
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._beat)
        self._thread.daemon = True
        #: When the job must have stopped, since SQS will not hide it any longer.
        self.must_end = self._received + LONGEST - MARGIN

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self.end()
        self._thread.join()

    def lost(self):
        """Why the message may be another worker's by now; '' while it is held."""
        if not self._refused and time.time() >= self._held_until:
            return "the hold on the message ended: no heartbeat came through in time"
        return self._refused

    def end(self):
        """No more heartbeats from now on."""
        with self._lock:
            self._ended.set()

    def give_back(self, delay=0):
        """Let others see the message after ``delay`` seconds."""
        self.end()
        try:
            self._change(delay)
        except Exception as error:
            self._say("The message was not given back, it comes back by itself: {0}".format(error))

    def _extend(self):
        begun = time.time()
        longest = int(self._received + LONGEST - begun) - 1
        with self._lock:  # a message that was given back must not be hidden again
            if self._ended.is_set() or longest <= 0:
                return True
            try:
                self._change(min(self._visibility, longest))
            except Exception as error:
                code = getattr(error, "response", {}).get("Error", {}).get("Code", "")
                if code in _REFUSED:
                    self._refused = "SQS does not know our hold on the message any more ({0})".format(code)
                self._say("A heartbeat failed: {0}".format(error))
                return False
        self._held_until = begun + min(self._visibility, longest)
        return True

    def _change(self, seconds):
        self._sqs.change_message_visibility(
            QueueUrl=self._queue_url, ReceiptHandle=self._receipt, VisibilityTimeout=seconds
        )

    def _beat(self):
        pause = self._visibility / 3
        while not self._ended.wait(pause):
            pause = self._visibility / 3 if self._extend() else min(_AGAIN_AFTER, self._visibility / 3)
