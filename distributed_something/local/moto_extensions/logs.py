"""CloudWatch Logs: a stream that many create at once is created once, keeps all lines, and is exported once.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
"""

from __future__ import annotations

import threading

from .locks import one_at_a_time


def apply() -> None:
    """Let only one thread of moto's server at a time create a stream, write to one, or export them.

    A stream created meanwhile would abort the export, and the caller would request it again.
    """
    from moto.logs.models import LogGroup, LogsBackend

    lock = threading.Lock()
    for owner, name in (
        (LogGroup, "create_log_stream"),
        (LogGroup, "put_log_events"),
        (LogsBackend, "create_export_task"),
    ):
        setattr(owner, name, one_at_a_time(getattr(owner, name), lock))
