"""Small objects to and from S3 with as little processor time as a request can take.

A request of boto3 costs two milliseconds of processor, most of it serializing and hooks, and Python's threads
share one processor: thousands of small files are bound by that. Here botocore only signs, and urllib3 (which
botocore brings) sends. Whatever is not a plain success is left to boto3, with its retries, redirects and
errors. Measured by tests/benchmarks/rows/transfer.py.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import base64
import os
import time
import zlib
from pathlib import Path
from typing import Any, Callable, Mapping, NamedTuple
from urllib.parse import quote, urlsplit
from urllib.request import getproxies

# What is larger gains nothing here, and would be held in memory.
SMALL = 1024 * 1024
# After so many requests in a row that boto3 had to repeat, the bucket is left to it for so many seconds.
_FAILURES = 3
_REST = 60.0
_CHECKSUM = "x-amz-checksum-crc32"
_SECONDS = 60.0


class Answer(NamedTuple):
    """A plain success."""

    headers: Mapping[str, str]
    body: bytes


class SmallObjects:
    """Uses the address and region of one S3 client; for many threads."""

    def __init__(
        self, s3: Any, credentials: Any, threads: int, now: Callable[[], float] = time.monotonic
    ) -> None:
        """``credentials``: of botocore; asked anew for each request, since those of a role expire."""
        self._s3 = s3
        self._credentials = credentials
        self._threads = threads
        self._now = now
        self._buckets: dict[str, _Bucket] = {}

    def put(self, bucket: str, key: str, body: bytes, extra: Mapping[str, str]) -> bool:
        """Put an object, which S3 takes only if it is whole. ``extra``: further arguments of put_object.

        Returns False when that is left to boto3.
        """
        members = self._s3.meta.service_model.operation_model("PutObject").input_shape.members
        headers = {members[name].serialization["name"]: value for name, value in extra.items()}
        headers[_CHECKSUM] = _crc32(body)
        return self._bucket(bucket).request(self._credentials, "PUT", key, headers, body) is not None

    def get(self, bucket: str, key: str, path: Path) -> int | None:
        """Write a small object to ``path``. Returns its bytes; None when that is left to boto3."""
        headers = {"x-amz-checksum-mode": "ENABLED"}
        answer = self._bucket(bucket).request(self._credentials, "GET", key, headers, b"")
        if answer is None:
            return None
        expected = answer.headers.get(_CHECKSUM, "")
        # One with a '-' is made of the checksums of parts.
        if expected and "-" not in expected and expected != _crc32(answer.body):
            return None
        path.write_bytes(answer.body)
        return len(answer.body)

    def _bucket(self, name: str) -> _Bucket:
        if name not in self._buckets:
            self._buckets[name] = _Bucket(self._s3, name, self._threads, self._now)
        return self._buckets[name]


class _Bucket:
    """The way to one bucket: its address as boto3 makes it, and a pool of connections."""

    def __init__(self, s3: Any, name: str, threads: int, now: Callable[[], float]) -> None:
        self._region = s3.meta.region_name
        self._now = now
        self._failures = 0
        # boto3 knows how to go through proxies.
        self._rest_until = float("inf") if getproxies() else 0.0
        if getproxies():
            return
        import urllib3
        from botocore.httpsession import get_cert_path

        example = urlsplit(s3.generate_presigned_url("put_object", Params={"Bucket": name, "Key": "x"}))
        self._address = f"{example.scheme}://{example.netloc}"
        self._path = example.path[: -len("x")]
        options: dict[str, Any] = {"maxsize": threads, "retries": False, "timeout": _SECONDS}
        if example.scheme == "https":
            options["ca_certs"] = os.environ.get("AWS_CA_BUNDLE") or get_cert_path(True)
        self._pool = urllib3.connection_from_url(self._address, **options)

    def request(
        self, credentials: Any, method: str, key: str, headers: dict[str, str], body: bytes
    ) -> Answer | None:
        """The answer if it is a plain success and all of a small object."""
        # urllib3 and what is in between would read '.' and '..' as steps in a path.
        if self._now() < self._rest_until or not {".", ".."}.isdisjoint(key.split("/")):
            return None
        try:
            answer = self._answer(credentials, method, self._path + quote(key, safe="/~"), headers, body)
        except Exception:  # whatever it is, boto3 meets it too, and knows what to do or to say
            self._failures += 1
            if self._failures >= _FAILURES:
                self._failures, self._rest_until = 0, self._now() + _REST
            return None
        self._failures = 0
        return answer

    def _answer(
        self, credentials: Any, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> Answer | None:
        from botocore.auth import S3SigV4Auth
        from botocore.awsrequest import AWSRequest

        request = AWSRequest(method, self._address + target, headers, body)
        S3SigV4Auth(credentials.get_frozen_credentials(), "s3", self._region).add_auth(request)
        signed = dict(request.headers.items())
        answer = self._pool.urlopen(method, target, body, signed, redirect=False, preload_content=False)
        try:
            size = int(answer.headers["content-length"])
            if answer.status == 404 or size > SMALL:
                return None
            found = Answer(answer.headers, answer.read())
        finally:
            answer.close()  # unless all of it was read: then the connection is in the pool again
        if answer.status != 200 or len(found.body) != size:
            raise ValueError(f"{answer.status}, {len(found.body)} of {size} bytes")
        return found


def _crc32(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
