"""SQS: sending does not slow down as the queue grows, and each message goes to one receiver.

moto computes every attribute of a queue, and so counts all its messages several times, whenever it reads
one of them; here each attribute is computed on demand. Its threads use a queue without a lock:
two may give the same message to two workers, and one that deletes may overwrite what another has just
deleted or added, so that messages reappear or are lost; here they take turns.
"""

from __future__ import annotations

import json
import threading
import time
from typing import Any, Iterator, Mapping

from .locks import one_at_a_time

# Seconds between checks of a long poll for visible messages, and for the queue itself.
_LOOK_SECONDS = 0.1


class LazyAttributes(Mapping[str, Any]):
    """A queue's attributes as in moto's Queue.attributes, each computed on access."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue
        self._names = list(queue.BASE_ATTRIBUTES)
        if queue.fifo_queue:
            self._names += queue.FIFO_ATTRIBUTES
        if queue.kms_master_key_id:
            self._names += queue.KMS_ATTRIBUTES

    def __getitem__(self, name: str) -> Any:
        from moto.core.utils import camelcase_to_underscores

        if name not in self._names:
            raise KeyError(name)
        value = getattr(self._queue, camelcase_to_underscores(name))
        if name == "RedrivePolicy" and value:
            return json.dumps(value)
        return str(value).lower() if isinstance(value, bool) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def apply() -> None:
    from moto.sqs.models import Message, Queue, SQSBackend

    Queue.attributes = property(LazyAttributes)
    # Read for every message in the queue whenever one is received; in milliseconds since 1970.
    Message.visible = property(lambda self: time.time() * 1000 > self.visible_at)
    Message.delayed = property(lambda self: time.time() * 1000 < self.delayed_until)
    lock = threading.RLock()
    look = SQSBackend.receive_message

    def receive(
        self: Any,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: Any = None,
    ) -> Any:
        end = time.monotonic() + wait_seconds_timeout
        while True:
            with lock:
                found = look(self, queue_name, count, 0, visibility_timeout, message_attribute_names)
            left = end - time.monotonic()
            if found or left <= 0:
                return found
            self.get_queue(queue_name).wait_for_messages(min(_LOOK_SECONDS, left))

    SQSBackend.receive_message = receive
    for owner, name in (
        (Queue, "add_message"),
        (Queue, "delete_message"),
        (SQSBackend, "change_message_visibility"),
    ):
        setattr(owner, name, one_at_a_time(getattr(owner, name), lock))
