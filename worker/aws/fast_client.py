"""Requests of a boto3 client with as little processor time as a request can take.

A call of boto3 costs two milliseconds of processor, most of it validating, serializing and hooks, and threads
of Python share one processor: thousands of small requests are bound by that. Here botocore only signs, and
urllib3 (which botocore brings) sends. Whatever is not a plain success is left to boto3, with its retries,
redirects and errors; the answer is None then. Measured by tests/benchmarks (rows submit and transfer).

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

import json
import os
import socket
import time
from typing import Any, Callable, Collection, Mapping, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies

# An answer that is larger is left to boto3, which need not hold it in memory.
LARGEST = 1024 * 1024
# After so many requests in a row that boto3 had to repeat, all are left to it for so many seconds.
_FAILURES = 3
_REST = 60.0


class Answer(NamedTuple):
    """A plain success."""

    headers: Mapping[str, str]
    body: bytes


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

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
        """A call of a service that speaks JSON, with boto3's parameters and its answer."""
        spoken = self._service.metadata
        if "targetPrefix" not in spoken or "jsonVersion" not in spoken:
            return None  # an old boto3, to which the service speaks something else
        headers = {
            "X-Amz-Target": f"{spoken['targetPrefix']}.{operation}",
            "Content-Type": f"application/x-amz-json-{spoken['jsonVersion']}",
        }
        body = json.dumps(parameters).encode("ascii")
        answer = self.request(operation, parameters, "POST", "/", headers, body)
        return None if answer is None else dict(json.loads(answer.body or b"{}"))

    def request(
        self,
        operation: str,
        parameters: dict[str, Any],
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes,
    ) -> Answer | None:
        """The answer, if it is a plain success. ``target``: the path, encoded."""
        if self._now() < self._rest_until:
            return None
        self._tell(operation, parameters)
        try:
            answer = self._answer(method, target, headers, body)
        except Exception:  # whatever it is, boto3 meets it too, and knows what to do or to say
            self._failures += 1
            if self._failures >= _FAILURES:
                self._failures, self._rest_until = 0, self._now() + _REST
            return None
        self._failures = 0
        return answer

    def _tell(self, operation: str, parameters: dict[str, Any]) -> None:
        """Who follows boto3's calls through its events sees this one too."""
        self._client.meta.events.emit(
            f"provide-client-params.{self._service.service_id.hyphenize()}.{operation}",
            params=parameters,
            model=self._service.operation_model(operation),
            context={},
        )

    def _answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer | None:
        from botocore.auth import S3SigV4Auth, SigV4Auth
        from botocore.awsrequest import AWSRequest

        signing = self._service.signing_name
        auth = S3SigV4Auth if signing == "s3" else SigV4Auth
        request = AWSRequest(method, self._address + target, headers, body)
        auth(self._credentials.get_frozen_credentials(), signing, self._client.meta.region_name).add_auth(
            request
        )
        signed = dict(request.headers.items())
        answer = self._pool.urlopen(method, target, body, signed, redirect=False, preload_content=False)
        try:
            size = int(answer.headers["content-length"])
            if answer.status == 404 or size > LARGEST:
                return None
            found = Answer(answer.headers, answer.read())
        finally:
            answer.close()  # unless all of it was read: then the connection is in the pool again
        if answer.status != 200 or len(found.body) != size:
            raise ValueError(f"{answer.status}, {len(found.body)} of {size} bytes")
        return found


class FastCalls:
    """A client of boto3, some of whose calls go the lean way; in all else, errors too, it is boto3's."""

    def __init__(self, client: Any, credentials: Any, calls: Collection[str], threads: int = 1) -> None:
        """``calls``: the client's methods, of a service that speaks JSON. ``threads`` that make them."""
        self._client = client
        self._lean = FastClient(client, credentials, threads)
        self._operations = {name: client.meta.method_to_api_mapping[name] for name in calls}

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        operation = self._operations.get(name)
        if operation is None:
            return method

        def call(**parameters: Any) -> Any:
            answer = self._lean.call(operation, parameters)
            return method(**parameters) if answer is None else answer

        return call


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
