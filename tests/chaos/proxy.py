"""A proxy between boto3 and an emulated AWS, over real HTTP, that makes calls go wrong on purpose.

It answers clients with kept connections and sends each request on in a thread. Of SQS it understands enough
to deliver a message twice and to let counts lag.
"""

from __future__ import annotations

import http.client
import http.server
import json
import random
import socket
import struct
import threading
import time
from collections import Counter, deque
from typing import Any
from urllib.parse import urlsplit

from distributed_something.local.emulator import Emulator
from tests.chaos.faults import LAGGED, TWICE, Call, Seeded, refusal
from tests.chaos.quiet_server import QuietServer

_SLOW_SECONDS = (0.5, 3.0)
# So many old messages may come again.
_REMEMBERED = 50
_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}

Answer = tuple[int, list[tuple[str, str]], bytes]


class FaultyAws:
    """``with FaultyAws(emulator, Seeded(seed, 0.05)) as aws:`` - aws.endpoint_url is what clients are given.

    ``injected`` counts the faults by kind, ``calls`` the calls by operation. ``disturbed`` holds the bodies
    of messages that were sent or delivered twice, or whose settling or heartbeat went wrong: their jobs may
    run again. ``deleted``: the bodies of those that are gone.

    ``silence``: seconds that a silent call is kept waiting; ``lag``: how old counts may be.
    """

    def __init__(self, behind: Any, faults: Seeded, silence: float = 45.0, lag: float = 3.0) -> None:
        self.injected: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.disturbed: set[str] = set()
        self.deleted: set[str] = set()
        self.access_key: str = behind.access_key
        self._behind = urlsplit(behind.endpoint_url).netloc
        self._faults = faults
        self._silence = silence
        self._lag = lag
        self._lock = threading.Lock()
        self._bodies: dict[str, str] = {}  # receipt handle -> message body
        self._delivered: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)
        self._counts: dict[bytes, deque[tuple[float, bytes]]] = {}  # by what is asked
        self._own = threading.local()
        self._ended = threading.Event()
        #: False lets every call pass.
        self.active = True

    def __enter__(self) -> FaultyAws:
        proxy = self

        class Handler(_Handler):
            aws = proxy

        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self.endpoint_url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """For a process that speaks to the proxy and to nothing else."""
        return Emulator.environment(self)  # type: ignore[arg-type]

    def handle(self, client: _Handler, body: bytes) -> None:
        """One request, whatever becomes of it."""
        headers = {key.lower(): value for key, value in client.headers.items()}
        call = Call.of(client.command, client.path, headers, body)
        fault = self._draw(call, body)
        if fault in ("throttled", "500", "503"):
            status, kind, text = refusal(call, fault)
            return client.reply((status, [("Content-Type", kind)], text))
        if fault == "reset":
            return client.reset()
        if fault == "slow":
            self._ended.wait(random.uniform(*_SLOW_SECONDS))
        answer = self._forward(client, body)
        if fault == "silent":
            self._ended.wait(self._silence)
            return client.reset()
        if fault == "503 after":
            status, kind, text = refusal(call, "503")
            return client.reply((status, [("Content-Type", kind)], text))
        if fault == "reset after":
            return client.reset()
        if fault == "cut":
            return client.cut(answer)
        return client.reply(self._sqs(call, fault, body, answer))

    def _draw(self, call: Call, body: bytes) -> str:
        with self._lock:
            number = self.calls[str(call)] = self.calls[str(call)] + 1
            fault = self._faults.draw(call, number) if self.active else ""
            if fault == TWICE and not self._delivered:
                fault = ""
            if fault:
                self.injected[fault] += 1
            if fault and call.operation in ("DeleteMessage", "ChangeMessageVisibility"):
                self.disturbed.add(self._bodies.get(json.loads(body).get("ReceiptHandle", ""), ""))
            if fault and call.operation == "SendMessageBatch":
                self.disturbed |= {one["MessageBody"] for one in json.loads(body)["Entries"]}
        return fault

    def _forward(self, client: _Handler, body: bytes) -> Answer:
        """The emulator's answer. Headers go on as they are, Host too, which queue addresses are made of."""
        for fresh in (False, True):
            link = getattr(self._own, "link", None)
            if link is None or fresh:
                link = self._own.link = http.client.HTTPConnection(self._behind, timeout=120)
            try:
                link.putrequest(client.command, client.path, skip_host=True, skip_accept_encoding=True)
                for key, value in client.headers.items():
                    if key.lower() != "expect":
                        link.putheader(key, value)
                link.endheaders(body or None)
                answer = link.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException):
                link.close()
                if fresh:
                    raise
                continue
            kept = [(key, value) for key, value in answer.getheaders() if key.lower() not in _HOP]
            if client.command == "HEAD" and answer.getheader("Content-Length"):
                kept.append(("Content-Length", str(answer.getheader("Content-Length"))))
            return answer.status, kept, text
        raise AssertionError("not reached")

    def _sqs(self, call: Call, fault: str, body: bytes, answer: Answer) -> Answer:
        """What SQS delivers and counts is remembered, and now and then told again."""
        status, headers, text = answer
        if call.protocol != "json" or call.service != "sqs" or status != 200:
            return answer
        with self._lock:
            if call.operation == "ReceiveMessage":
                found = json.loads(text or b"{}")
                messages = found.get("Messages", [])
                for message in messages:
                    self._bodies[message["ReceiptHandle"]] = message["Body"]
                self._delivered.extend(messages)
                if fault == TWICE and not messages:
                    again = random.choice(self._delivered)
                    self.disturbed.add(again["Body"])
                    text = json.dumps({"Messages": [again]}).encode()
            elif call.operation == "DeleteMessage":
                self.deleted.add(self._bodies.get(json.loads(body)["ReceiptHandle"], ""))
            elif call.operation == "GetQueueAttributes":
                seen = self._counts.setdefault(body, deque())
                now = time.monotonic()
                seen.append((now, text))
                while len(seen) > 1 and seen[1][0] <= now - self._lag:
                    seen.popleft()
                if fault == LAGGED:
                    text = seen[0][1]
        return status, headers, text


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    aws: FaultyAws
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._any
        raise AttributeError(name)

    def _any(self) -> None:
        assert "Transfer-Encoding" not in self.headers, "a client sends chunks, which are not understood here"
        length = int(self.headers.get("Content-Length") or 0)
        self.aws.handle(self, self.rfile.read(length) if length else b"")

    def reply(self, answer: Answer) -> None:
        status, headers, text = answer
        self.send_response_only(status)
        for key, value in headers:
            self.send_header(key, value)
        if not any(key.lower() == "content-length" for key, _ in headers) and status != 204:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def cut(self, answer: Answer) -> None:
        """Half of the answer."""
        status, headers, text = answer
        self.send_response_only(status)
        for key, value in headers:
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(text) or 100))
        self.end_headers()
        self.wfile.write(text[: len(text) // 2])
        self.wfile.flush()
        self.reset()

    def reset(self) -> None:
        """The connection ends with an RST, as when a machine in between has gone."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()  # as long as it is open, so is the connection
        self.wfile.close()
        self.connection.close()
        self.close_connection = True
        self.wfile = self.rfile = _Gone()  # nothing more can be said to this client

    def log_message(self, *arguments: Any) -> None:
        """The terminal is for the scenario."""


class _Gone:
    """In place of a connection that was reset."""

    closed = True

    def write(self, data: bytes) -> int:
        return len(data)

    def readline(self, size: int = -1) -> bytes:
        return b""

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass
