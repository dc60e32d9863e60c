"""SQS: sending must not slow down as the queue grows, and a message goes to one receiver.

moto computes every attribute of a queue, and so counts all its messages several times, whenever it looks at
one of them; here an attribute is computed when it is asked for. Its threads look for visible messages without
a lock, so that two of them may give the same one to two workers; here they look in turn.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any


class LazyAttributes(Mapping):
    """A queue's attributes as moto's Queue.attributes gives them, each computed when it is looked at."""

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
    # Asked of every message in the queue whenever one is received; in milliseconds since 1970.
    Message.visible = property(lambda self: time.time() * 1000 > self.visible_at)
    Message.delayed = property(lambda self: time.time() * 1000 < self.delayed_until)
    lock = threading.Lock()
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
            self.get_queue(queue_name).wait_for_messages(min(1.0, left))

    SQSBackend.receive_message = receive
