"""Requests of a boto3 client with as little processor time as a request can take.

A call of boto3 costs two milliseconds of processor, most of it validating, serializing and hooks, and threads
of Python share one processor: thousands of small requests are bound by that. Here botocore only signs, and
urllib3 (which botocore brings) sends. Measured by tests/benchmarks (rows submit, transfer and worker).

A request ends in one of three ways, which are types:

- ``NotSent``: the service has surely received nothing. boto3 may make any call then.
- ``Answer``: the service answered, with whatever status; an answer larger than LARGEST has no body.
- ``Unknown``: the service may have received it, and no whole answer came.

The caller sees which. After an ``Answer`` that is not a plain success, and after ``Unknown``, our callers let
boto3 make the call once more, with its retries, redirects and errors. That is right only for calls that can
be made twice, so no others are accepted: REPEATABLE lists them. ReceiveMessage must never be among them: each
receipt hides the message and counts as an attempt.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

import json
import os
import socket
import time
from typing import Any, Callable, Mapping, NamedTuple, Union
from urllib.parse import urlsplit
from urllib.request import getproxies

# A larger answer is not read: boto3 need not hold it in memory.
LARGEST = 1024 * 1024
# After so many requests in a row that boto3 had to repeat, all are left to it for so many seconds.
_FAILURES = 3
_REST = 60.0

# The calls that may be made a second time, and why that does no harm.
REPEATABLE = {
    "PutObject": "the same bytes are put under the same key; conditional ones are left to boto3",
    "GetObject": "it changes nothing",
    "DeleteMessage": "deleting a message again is a success",
    "SendMessageBatch": "a job may be in the queue twice, as SQS may deliver any message twice, and as after "
    "boto3's own retries: its results are put under the same keys",
    "PutLogEvents": "a line may be in the log twice, as after boto3's own retries",
    "CreateLogStream": "for the second one the stream is there already, which is what the caller wants",
}


class NotRepeatable(Exception):
    """A call that must not go this way. A mistake of the program."""


class NotSent(NamedTuple):
    """The service has surely received nothing."""

    why: str


class Answer(NamedTuple):
    """What the service answered, whole. ``body``: None for one larger than LARGEST, which was not read."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None

    def success(self) -> bytes | None:
        """The body of a plain success; None for anything else."""
        return self.body if self.status == 200 else None


class Unknown(NamedTuple):
    """The service may have received the request, or not; no whole answer came."""

    why: str


Outcome = Union[NotSent, Answer, Unknown]


class FastClient:
    """Sends to one address, for many threads."""

    def __init__(
        self,
        client: Any,
        credentials: Any,
        threads: int,
        address: str = "",
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``client``: of boto3, whose region, and address unless one is given, are used. ``credentials``: of
        botocore; asked anew for each request, since those of a role expire.
        """
        self._client = client
        self._service = client.meta.service_model
        self._credentials = credentials
        self._now = now
        self._failures = 0
        # boto3 knows how to go through proxies.
        self._rest_until = float("inf") if getproxies() else 0.0
        parts = urlsplit(address or client.meta.endpoint_url)
        self._address = f"{parts.scheme}://{parts.netloc}"
        self._pool = _pool(self._address, threads, client.meta.config)

    def call(self, operation: str, parameters: dict[str, Any]) -> Outcome:
        """A call of a service that speaks JSON, with boto3's parameters. Raises NotRepeatable."""
        _refuse_unless_repeatable(operation)
        spoken = self._service.metadata
        if "targetPrefix" not in spoken or "jsonVersion" not in spoken:
            return NotSent("an old boto3, to which the service speaks something else")
        headers = {
            "X-Amz-Target": f"{spoken['targetPrefix']}.{operation}",
            "Content-Type": f"application/x-amz-json-{spoken['jsonVersion']}",
        }
        try:
            body = json.dumps(parameters).encode("ascii")
        except (TypeError, ValueError) as error:
            return NotSent(f"parameters that JSON cannot hold: {error}")
        return self.request(operation, parameters, "POST", "/", headers, body)

    def request(
        self,
        operation: str,
        parameters: dict[str, Any],
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes,
    ) -> Outcome:
        """One request, sent at most once. ``target``: the path, encoded. Raises NotRepeatable."""
        _refuse_unless_repeatable(operation)
        if self._now() < self._rest_until:
            return NotSent("boto3 had to repeat the last ones")
        self._report(operation, parameters)
        outcome = self._outcome(method, target, headers, body)
        # A missing object, and a large one, are no reason to rest.
        if isinstance(outcome, Answer) and (outcome.status in (200, 404)):
            self._failures = 0
        else:
            self._failures += 1
            if self._failures >= _FAILURES:
                self._failures, self._rest_until = 0, self._now() + _REST
        return outcome

    def _report(self, operation: str, parameters: dict[str, Any]) -> None:
        """Those who follow boto3's calls through its events see this one too."""
        self._client.meta.events.emit(
            f"provide-client-params.{self._service.service_id.hyphenize()}.{operation}",
            params=parameters,
            model=self._service.operation_model(operation),
            context={},
        )

    def _outcome(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Outcome:
        from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

        try:
            signed = self._signed(method, target, headers, body)
        except Exception as error:  # whatever it is, boto3 meets it too, and knows what to say
            return NotSent(f"could not be signed: {error}")
        try:
            return self._answer(method, target, signed, body)
        except (NewConnectionError, ConnectTimeoutError) as error:
            return NotSent(str(error))
        except Exception as error:
            return Unknown(str(error))

    def _signed(self, method: str, target: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
        from botocore.auth import S3SigV4Auth, SigV4Auth
        from botocore.awsrequest import AWSRequest

        signing = self._service.signing_name
        auth = S3SigV4Auth if signing == "s3" else SigV4Auth
        request = AWSRequest(method, self._address + target, headers, body)
        credentials = self._credentials.get_frozen_credentials()
        auth(credentials, signing, self._client.meta.region_name).add_auth(request)
        return dict(request.headers.items())

    def _answer(self, method: str, target: str, signed: dict[str, str], body: bytes) -> Answer:
        """Raises an exception of urllib3, or ValueError for an answer that is not whole."""
        answer = self._pool.urlopen(
            method, target, body, signed, redirect=False, preload_content=False, decode_content=False
        )
        try:
            length = answer.headers.get("content-length")
            if length is None and "chunked" not in answer.headers.get("transfer-encoding", ""):
                raise ValueError("an answer that does not say how long it is")
            if int(length or 0) > LARGEST:
                return Answer(answer.status, answer.headers, None)
            found = answer.read(LARGEST + 1)
            if len(found) > LARGEST:
                return Answer(answer.status, answer.headers, None)
            if length is not None and len(found) != int(length):
                raise ValueError(f"{len(found)} of {length} bytes came")
            return Answer(answer.status, answer.headers, found)
        finally:
            answer.close()  # unless all of it was read: then the connection is in the pool again


class FastCalls:
    """A client of boto3 whose repeatable calls go the fast way; in all else, errors too, it is boto3's."""

    def __init__(self, client: Any, credentials: Any, threads: int = 1) -> None:
        """``client``: of a service that speaks JSON. ``threads`` that make its calls."""
        self._client = client
        self._fast = FastClient(client, credentials, threads)
        self._operations = {
            name: operation
            for name, operation in client.meta.method_to_api_mapping.items()
            if operation in REPEATABLE
        }

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        operation = self._operations.get(name)
        if operation is None:
            return method

        def call(**parameters: Any) -> Any:
            document = _document(self._fast.call(operation, parameters))
            return method(**parameters) if document is None else document

        return call


def _refuse_unless_repeatable(operation: str) -> None:
    if operation not in REPEATABLE:
        raise NotRepeatable(f"{operation} may be made once only, and is boto3's")


def _document(outcome: Outcome) -> dict[str, Any] | None:
    """The answer of a plain success; None where boto3 must make the call, for the first time or again."""
    body = outcome.success() if isinstance(outcome, Answer) else None
    if body is None:
        return None
    try:
        found = json.loads(body or b"{}")
    except ValueError:  # not the service, but something on the way to it
        return None
    return found if isinstance(found, dict) else None


def _pool(address: str, threads: int, config: Any) -> Any:
    """``config``: the client's, whose timeouts hold here too."""
    import urllib3
    from botocore.httpsession import get_cert_path
    from urllib3.connection import HTTPConnection

    alive = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # between two jobs a connection may be idle for long
    options: dict[str, Any] = {
        "maxsize": threads,
        "retries": False,
        "timeout": urllib3.Timeout(connect=config.connect_timeout, read=config.read_timeout),
        "socket_options": [*HTTPConnection.default_socket_options, alive],
    }
    if address.startswith("https:"):
        options["ca_certs"] = os.environ.get("AWS_CA_BUNDLE") or get_cert_path(True)
    return urllib3.connection_from_url(address, **options)
