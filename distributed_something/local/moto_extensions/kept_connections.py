"""Keeps connections alive between requests; werkzeug's own handler closes them after each one.

A new connection and thread are a large part of the cost of a request to the emulated AWS, on both
sides.
"""

from __future__ import annotations

import sys
from wsgiref.handlers import SimpleHandler
from wsgiref.headers import Headers

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import LimitedStream


class KeptConnection(MotoRequestHandler):  # type: ignore[misc]  # moto has no types
    """One client's connection, in its own thread. A request's environment is werkzeug's and moto's."""

    protocol_version = "HTTP/1.1"
    close_connection: bool
    # An answer is sent in one piece, and at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        if not environ.get("wsgi.input_terminated"):  # a body in chunks knows its own end
            environ["wsgi.input"] = LimitedStream(self.rfile, int(self.headers.get("Content-Length", 0)))
        body = environ["wsgi.input"]
        answer = _Answer(body, self.wfile, sys.stderr, environ)
        answer.run(self.server.app)
        self.close_connection |= answer.is_last
        try:  # what the application did not read must not be taken for the next request
            while not self.close_connection and body.read(1024 * 1024):
                pass
        except ClientDisconnected:
            self.close_connection = True

    def handle_expect_100(self) -> bool:
        going_on = bool(super().handle_expect_100())
        self.wfile.flush()
        return going_on


class _Answer(SimpleHandler):
    """One answer. ``is_last``: the end of the connection marks its end."""

    headers: Headers
    http_version = "1.1"
    os_environ: dict[str, str] = {}
    is_last = False

    def set_content_length(self) -> None:
        super().set_content_length()
        if "Content-Length" not in self.headers:
            self.headers["Connection"] = "close"
            self.is_last = True

    def handle_error(self) -> None:
        self.is_last = True
        super().handle_error()
