"""CloudWatch Logs: a stream that many make at once is made once, keeps every line, and is exported once.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
"""

from __future__ import annotations

import threading

from .locks import one_at_a_time


def apply() -> None:
    """Let one thread of moto's server at a time make a stream, write to one, or export all of them.

    A stream that is made meanwhile would break the export off, and the caller would order it again.
    """
    from moto.logs.models import LogGroup, LogsBackend

    lock = threading.Lock()
    for owner, name in (
        (LogGroup, "create_log_stream"),
        (LogGroup, "put_log_events"),
        (LogsBackend, "create_export_task"),
    ):
        setattr(owner, name, one_at_a_time(getattr(owner, name), lock))
