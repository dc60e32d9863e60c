"""A stand-in for SQS, S3 and CloudWatch Logs that is fast enough never to be the limit of a client.

    python -m tests.benchmarks.stub [--delay 0.02] [--streams-per-second 50] [--in-flight 120000] [--forget]

Everything is in memory and in one thread; connections stay open. It answers each request after ``--delay``
seconds and refuses, in the services' own words, what goes over the quotas given. GET /stats tells what it
saw. It knows only what a worker and `submitJob` ask for, and none of AWS's checks: those are the emulator's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
import urllib.parse
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

Answer = tuple  # (status, body as bytes, content type)


_QUOTAS = {"OverLimit", "ThrottlingException"}


class Refused(Exception):
    """The code of an error as the service spells it."""


@dataclass
class Stub:
    """One queue for each URL, one flat space of objects, and counts of the log calls."""

    streams_per_second: float = 0
    most_in_flight: int = 0
    forget: bool = False
    queues: dict[str, deque] = field(default_factory=dict)
    in_flight: dict[str, tuple[str, dict]] = field(default_factory=dict)
    objects: dict[str, dict[str, bytes]] = field(default_factory=dict)
    calls: Counter = field(default_factory=Counter)
    refused: Counter = field(default_factory=Counter)
    moments: dict[str, float] = field(default_factory=dict)
    ledger: Counter = field(default_factory=Counter)
    streams: set[tuple[str, str]] = field(default_factory=set)
    log_bytes: int = 0
    sent: int = 0
    peak_in_flight: int = 0
    _streams: tuple[int, int] = (0, 0)

    def stats(self) -> dict[str, Any]:
        return {
            "calls": dict(self.calls),
            "refused": dict(self.refused),
            "moments": self.moments,
            "sent": self.sent,
            "waiting": sum(map(len, self.queues.values())),
            "in_flight": len(self.in_flight),
            "peak_in_flight": self.peak_in_flight,
            "objects": sum(map(len, self.objects.values())),
            "log_bytes": self.log_bytes,
            "ledger": dict(self.ledger),
        }

    def json_call(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """SQS and CloudWatch Logs. Raises Refused."""
        self.moments.setdefault("first " + operation, time.time())
        self.moments["last " + operation] = time.time()
        return getattr(self, "_" + operation)(asked)

    def _GetQueueUrl(self, asked: dict) -> dict:
        return {"QueueUrl": "http://stub/000000000000/" + asked["QueueName"]}

    def _SendMessage(self, asked: dict) -> dict:
        self._keep(asked["QueueUrl"], asked)
        return {"MessageId": str(self.sent)}

    def _SendMessageBatch(self, asked: dict) -> dict:
        for entry in asked["Entries"]:
            self._keep(asked["QueueUrl"], entry)
        return {"Successful": [{"Id": entry["Id"]} for entry in asked["Entries"]], "Failed": []}

    def _keep(self, url: str, entry: dict) -> None:
        self.sent += 1
        if self.forget:
            return
        attributes = entry.get("MessageAttributes", {})
        one = {
            "MessageId": str(self.sent),
            "Body": entry["MessageBody"],
            "MessageAttributes": attributes,
            "n": 0,
        }
        self.queues.setdefault(url, deque()).append(one)

    def _ReceiveMessage(self, asked: dict) -> dict:
        waiting = self.queues.setdefault(asked["QueueUrl"], deque())
        if self.most_in_flight and len(self.in_flight) >= self.most_in_flight:
            raise Refused("OverLimit")
        found = []
        while waiting and len(found) < asked.get("MaxNumberOfMessages", 1):
            one = waiting.popleft()
            one["n"] += 1
            receipt = f"{one['MessageId']}-{one['n']}"
            self.in_flight[receipt] = (asked["QueueUrl"], one)
            received = {key: one[key] for key in ("MessageId", "Body", "MessageAttributes")}
            count = {"ApproximateReceiveCount": str(one["n"])}
            found.append({**received, "ReceiptHandle": receipt, "Attributes": count})
        self.peak_in_flight = max(self.peak_in_flight, len(self.in_flight))
        return {"Messages": found} if found else {}

    def _DeleteMessage(self, asked: dict) -> dict:
        self.in_flight.pop(asked["ReceiptHandle"], None)
        return {}

    def _ChangeMessageVisibility(self, asked: dict) -> dict:
        if asked["VisibilityTimeout"] == 0 and asked["ReceiptHandle"] in self.in_flight:
            self.moments.setdefault("given back", time.time())
            url, one = self.in_flight.pop(asked["ReceiptHandle"])
            self.queues[url].append(one)
        return {}

    def _GetQueueAttributes(self, asked: dict) -> dict:
        waiting = len(self.queues.setdefault(asked["QueueUrl"], deque()))
        counts = {"": waiting, "NotVisible": len(self.in_flight), "Delayed": 0}
        return {"Attributes": {f"ApproximateNumberOfMessages{key}": str(n) for key, n in counts.items()}}

    def _CreateLogStream(self, asked: dict) -> dict:
        second, made = int(time.time()), 0
        if self._streams[0] == second:
            made = self._streams[1]
        if (asked["logGroupName"], asked["logStreamName"]) in self.streams:
            raise Refused("ResourceAlreadyExistsException")
        if self.streams_per_second and made >= self.streams_per_second:
            raise Refused("ThrottlingException")
        self._streams = (second, made + 1)
        self.streams.add((asked["logGroupName"], asked["logStreamName"]))
        return {}

    def _PutLogEvents(self, asked: dict) -> dict:
        if (asked["logGroupName"], asked["logStreamName"]) not in self.streams:
            raise Refused("ResourceNotFoundException")
        for event in asked["logEvents"]:
            self.log_bytes += len(event["message"]) + 26
            if asked["logGroupName"].endswith("_jobs"):
                self.ledger[json.loads(event["message"])["outcome"]] += 1
        return {}

    def s3_call(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> Answer:
        """Objects, kept by folder so that a listing of one job's results walks nothing else."""
        bucket, _, key = urllib.parse.unquote(path).lstrip("/").partition("/")
        folder, _, name = key.rpartition("/")
        if method == "PUT":
            self.objects.setdefault(folder, {})[name] = body
            return 200, b"", "text/plain"
        if not key:
            return 200, self._listing(bucket, query.get("prefix", [""])[0]), "application/xml"
        found = self.objects.get(folder, {}).get(name)
        if found is None:
            return 404, b"<Error><Code>NoSuchKey</Code><Message>no</Message></Error>", "application/xml"
        return 200, found, "binary/octet-stream"

    def _listing(self, bucket: str, prefix: str) -> bytes:
        folder, _, start = prefix.rpartition("/")
        rows = "".join(
            f"<Contents><Key>{escape(folder + '/' + name)}</Key><Size>{len(body)}</Size></Contents>"
            for name, body in self.objects.get(folder, {}).items()
            if name.startswith(start)
        )
        return f"<ListBucketResult><Name>{bucket}</Name>{rows}</ListBucketResult>".encode()


class Connection(asyncio.Protocol):
    """HTTP/1.1 with kept connections; as much of it as botocore and urllib3 speak."""

    def __init__(self, stub: Stub, delay: float) -> None:
        self._stub = stub
        self._delay = delay
        self._data = bytearray()
        self._head: tuple[str, str, dict[str, str]] | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while self._one_request():
            pass

    def _one_request(self) -> bool:
        if self._head is None:
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                return False
            first, *rest = self._data[:end].decode("latin-1").split("\r\n")
            method, target, _ = first.split(" ")
            headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in rest)}
            self._head = (method, target, headers)
            del self._data[: end + 4]
            if headers.get("expect"):
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        method, target, headers = self._head
        length = int(headers.get("content-length", 0))
        if len(self._data) < length:
            return False
        body = bytes(self._data[:length])
        del self._data[:length]
        self._head = None
        status, answer, kind = self._answer(method, target, headers, body)
        delay = self._delay
        if b"WaitTimeSeconds" in body and answer == b"{}":
            delay += json.loads(body)["WaitTimeSeconds"]  # a long poll that finds nothing
        head = (
            f"HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\nContent-Length: {len(answer)}\r\nETag: x\r\n\r\n"
        )
        if delay:
            asyncio.get_running_loop().call_later(delay, self._write, head.encode() + answer)
        else:
            self._write(head.encode() + answer)
        return True

    def _write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)

    def _answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        path, _, query = target.partition("?")
        if path == "/stats":
            return 200, json.dumps(self._stub.stats()).encode(), "application/json"
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if not operation:
            self._stub.calls["S3 " + (method if path.strip("/").count("/") else "LIST")] += 1
            return self._stub.s3_call(method, path, urllib.parse.parse_qs(query), body)
        self._stub.calls[operation] += 1
        try:
            return (
                200,
                json.dumps(self._stub.json_call(operation, json.loads(body))).encode(),
                "application/json",
            )
        except Refused as refused:
            self._stub.refused[operation] += str(refused) in _QUOTAS
            return 400, json.dumps({"__type": str(refused), "message": "stub"}).encode(), "application/json"


async def serve(stub: Stub, delay: float) -> None:
    """Serve on a free loopback port, told on standard output, until this process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(stub, delay), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--streams-per-second", type=float, default=0, help="quota of CreateLogStream")
    parser.add_argument("--in-flight", type=int, default=0, help="quota of messages in flight")
    parser.add_argument("--forget", action="store_true", help="count messages, do not keep them")
    given = parser.parse_args()
    stub = Stub(given.streams_per_second, given.in_flight, given.forget)
    asyncio.run(serve(stub, given.delay))


if __name__ == "__main__":
    main()
