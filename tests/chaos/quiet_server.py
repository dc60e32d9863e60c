"""An HTTP server whose clients may be killed at any moment without a word on the terminal."""

from __future__ import annotations

import http.server
from typing import Any


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, address: Any) -> None:
        """A client that is gone is no error here."""
