"""Keeps a message hidden from other workers, by heartbeats, while its job runs.

SQS hides a message for 12 hours at most, counted from its receipt:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

    from worker.aws.fast_client import FastCalls

from worker.aws.error_codes import QUEUE_GONE, sqs_error

# The longest visibility timeout, and how long before its end a job must stop.
LONGEST = 12 * 3600.0
MARGIN = 600.0
# Seconds after which a failed heartbeat is repeated.
_AGAIN_AFTER = 2.0
_REFUSED = {"InvalidParameterValue", "ReceiptHandleIsInvalid", "MessageNotInflight", QUEUE_GONE}


class MessageVisibility:
    """Keeps one message hidden from its receipt until ``close``; sends heartbeats from ``start`` on.

    ``visibility`` in seconds; ``say`` reports failed heartbeats.
    """

    def __init__(
        self,
        sqs: SQSClient | FastCalls,
        queue_url: str,
        receipt: str,
        visibility: int,
        say: Callable[[str], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sqs = sqs
        self._queue_url = queue_url
        self._receipt = receipt
        self._visibility = visibility
        self._say = say
        self._now = now
        self.received = now()
        self._held_until = self.received + visibility
        self._refused = ""
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self.end()
        self._thread.join()

    @property
    def must_end(self) -> float:
        """When the job must have stopped (on the given clock), because SQS cannot hide the message longer."""
        return self.received + LONGEST - MARGIN

    def lost(self) -> str:
        """Why another worker may have the message by now; '' while it is hidden."""
        if self._refused:
            return self._refused
        if self._now() >= self._held_until:
            return "the hold on the message ended: no heartbeat came through in time"
        return ""

    def end(self) -> None:
        """Stop the heartbeats."""
        with self._lock:
            self._ended.set()

    def give_back(self, delay: int = 0) -> None:
        """Make the message visible after ``delay`` seconds. A failure does not matter."""
        self.end()
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=self._receipt, VisibilityTimeout=delay
            )
        except Exception as error:
            self._say(f"The message was not given back, it comes back by itself: {error}")

    def extend(self) -> bool:
        """One heartbeat. Returns False if it failed."""
        begun = self._now()
        longest = int(self.received + LONGEST - begun) - 1
        with self._lock:  # a message that was given back must not be hidden again
            if self._ended.is_set() or longest <= 0:
                return True
            try:
                self._sqs.change_message_visibility(
                    QueueUrl=self._queue_url,
                    ReceiptHandle=self._receipt,
                    VisibilityTimeout=min(self._visibility, longest),
                )
            except Exception as error:
                code = sqs_error(error)
                if code in _REFUSED:
                    self._refused = f"SQS does not know our hold on the message any more ({code})"
                self._say(f"A heartbeat failed: {error}")
                return False
        self._held_until = begun + min(self._visibility, longest)
        return True

    def _beat(self) -> None:
        pause = self._visibility / 3
        while not self._ended.wait(pause):
            pause = self._visibility / 3 if self.extend() else min(_AGAIN_AFTER, self._visibility / 3)
