"""An HTTP server on a loopback port that answers as a test says, and keeps what it was asked."""

import http.server
import threading
from contextlib import contextmanager

# Answers beside (status, headers, body): the connection ends without one, or stays silent.
HANG_UP = "hang up"
SILENCE = "silence"


class ScriptedServer:
    """``answer`` is given to each request. ``asked``: (method, path, headers, body) of each."""

    def __init__(self):
        self.asked = []
        self.answer = (200, {}, b"")
        self._ended = threading.Event()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                server.asked.append((self.command, self.path, dict(self.headers), body))
                if server.answer == SILENCE:
                    server._ended.wait(60)
                if server.answer in (SILENCE, HANG_UP):
                    self.close_connection = True
                    return
                status, headers, answer = server.answer
                self.send_response(status)
                for name, value in {"Content-Length": len(answer), **headers}.items():
                    if value is not None:
                        self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT

            def log_message(self, *arguments):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def scripted_server():
    made = ScriptedServer()
    try:
        yield made
    finally:
        made.close()


def chunked(body, whole=True):
    """An answer in chunks, which does not say its length; without its end if it is not ``whole``."""
    data = b"%x\r\n%s\r\n" % (len(body), body) + (b"0\r\n\r\n" if whole else b"")
    headers = {"Content-Length": None, "Transfer-Encoding": "chunked"}
    if not whole:
        headers["Connection"] = "close"
    return 200, headers, data
