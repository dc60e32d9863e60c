"""Small objects to and from S3: one fast request each, its bytes checked at both ends.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import base64
import time
import zlib
from typing import TYPE_CHECKING, Callable, Mapping, cast
from urllib.parse import quote, urlsplit

from worker.aws.fast_client import LARGEST, Answer, FastClient, NotSent, Outcome

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from botocore.model import StructureShape
    from types_boto3_s3 import S3Client

# What is larger gains nothing here, and would be held in memory.
SMALL = LARGEST
_CHECKSUM = "x-amz-checksum-crc32"
# The second of two puts that ask for this would be refused because of the first.
_CONDITIONS = {"IfNoneMatch", "IfMatch", "WriteOffsetBytes"}


class SmallObjects:
    """Uses the address and region of one S3 client; for many threads."""

    def __init__(
        self,
        s3: S3Client,
        credentials: Credentials | None,
        threads: int,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``credentials``: of botocore, the client's own."""
        self._s3 = s3
        self._credentials = credentials
        self._threads = threads
        self._now = now
        self._buckets: dict[str, tuple[FastClient, str]] = {}

    def put(self, bucket: str, key: str, body: bytes, extra: Mapping[str, str]) -> bool:
        """Put an object, which S3 takes only if it is whole. ``extra``: further arguments of put_object.

        Returns False when that is left to boto3: the object is not there yet, or perhaps it is.
        """
        put_object = self._s3.meta.service_model.operation_model("PutObject")
        members = cast("StructureShape", put_object.input_shape).members
        if not _CONDITIONS.isdisjoint(extra) or not members.keys() >= extra.keys():
            return False
        headers = {members[name].serialization["name"]: value for name, value in extra.items()}
        headers[_CHECKSUM] = _crc32(body)
        outcome = self._request("PutObject", "PUT", bucket, key, headers, body)
        return isinstance(outcome, Answer) and outcome.success() is not None

    def get(self, bucket: str, key: str) -> bytes | None:
        """A small object; None when it is left to boto3."""
        outcome = self._request("GetObject", "GET", bucket, key, {"x-amz-checksum-mode": "ENABLED"}, b"")
        if not isinstance(outcome, Answer):
            return None
        body = outcome.success()
        if body is None:
            return None
        expected = outcome.headers.get(_CHECKSUM, "")
        # One with a '-' is made of the checksums of parts.
        if expected and "-" not in expected and expected != _crc32(body):
            return None
        return body

    def _request(
        self, operation: str, method: str, bucket: str, key: str, headers: dict[str, str], body: bytes
    ) -> Outcome:
        # urllib3 and what is in between would read '.' and '..' as steps in a path.
        if not {".", ".."}.isdisjoint(key.split("/")):
            return NotSent("a key that a path cannot hold")
        client, path = self._bucket(bucket)
        place = {"Bucket": bucket, "Key": key}
        return client.request(operation, place, method, path + quote(key, safe="/~"), headers, body)

    def _bucket(self, name: str) -> tuple[FastClient, str]:
        """The way to a bucket, and what stands before the keys in its paths: boto3 knows both."""
        if name not in self._buckets:
            address, path = address_of(self._s3, name)
            client = FastClient(self._s3, self._credentials, self._threads, address, self._now)
            self._buckets[name] = client, path
        return self._buckets[name]


def address_of(s3: S3Client, bucket: str) -> tuple[str, str]:
    """Where boto3 would send a bucket's requests, and what stands before the keys in their paths."""
    example = urlsplit(s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "x"}))
    host = example.netloc
    if host.startswith(f"{bucket}."):  # perhaps of the host of all regions, which redirects a new bucket's
        host = f"{bucket}.{urlsplit(s3.meta.endpoint_url).netloc}"
    return f"{example.scheme}://{host}", example.path[: -len("x")]


def _crc32(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
