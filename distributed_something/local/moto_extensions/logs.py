"""CloudWatch Logs: a stream that many make at once is made once, and keeps every line.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
"""

from __future__ import annotations

import threading
from typing import Any


def apply() -> None:
    """Let one thread of moto's server at a time make a stream or write to one."""
    from moto.logs.models import LogGroup

    lock = threading.Lock()
    create_log_stream, put_log_events = LogGroup.create_log_stream, LogGroup.put_log_events

    def create(self: Any, *arguments: Any, **named: Any) -> Any:
        with lock:
            return create_log_stream(self, *arguments, **named)

    def put(self: Any, *arguments: Any, **named: Any) -> Any:
        with lock:
            return put_log_events(self, *arguments, **named)

    LogGroup.create_log_stream = create
    LogGroup.put_log_events = put
