"""Syncs a local folder with the emulated bucket: its files are the inputs, and results appear in it."""

from __future__ import annotations

import io
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Callable, Iterator, NamedTuple, cast

from worker.aws.small_objects import SMALL, SmallObjects

from .background_loop import BackgroundLoop

if TYPE_CHECKING:
    from _typeshed import SupportsRead
    from types_boto3_s3 import S3Client
    from types_boto3_s3.literals import BucketLocationConstraintType

_THREADS = 8
# Seconds until a result in the emulated bucket is copied to the folder; longer if a look takes long, since
# looking must not slow down the run: it may use at most this share of the time.
_POLL_SECONDS = 1.0
_PART = 1 / 20
_HURRIED_SECONDS = 0.3
# Prefixes of the run's own files in the bucket, and of AWS's log exports.
_OWN = ("monitors/", "aws-logs-write-test")


class _Stored(NamedTuple):
    """An object of a bucket; ``size`` in bytes."""

    bucket: str
    key: str
    etag: str
    size: int


class BucketSync:
    """Keeps a folder and emulated buckets in sync: fills the buckets once, then copies new objects back.

    ``small``: transfers small files with little processor time, which the jobs need. ``sources``: buckets
    that get the folder's files. ``results``: buckets whose new objects are copied back; earlier buckets win
    if two have the same key. ``say`` reports objects that cannot be written to disk.
    """

    def __init__(
        self,
        s3: S3Client,
        small: SmallObjects,
        folder: Path,
        sources: list[str],
        results: list[str],
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._s3 = s3
        self._small = small
        self._folder = folder
        self._sources = sources
        self._results = results
        self._say = say
        self._known: dict[tuple[str, str], str] = {}  # (bucket, key) -> ETag in folder and bucket
        self._hurried = False
        self._follower = BackgroundLoop("folder-bucket", self._look, _POLL_SECONDS)

    def fill(self, uploaded: Callable[[], None] = lambda: None) -> None:
        """Create the buckets and upload the folder's files."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name in {*self._sources, *self._results}:
            _make_bucket(self._s3, name)
        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(self._upload, list(files_of(self._folder))):
                uploaded()
        for name in self._results:
            for one in self._objects(name):
                self._known[name, one.key] = one.etag

    def start(self) -> None:
        """Copy new objects back regularly, in the background."""
        self._follower.start()

    def hurry(self) -> None:
        """Look more often: no job is running that this could slow down."""
        self._hurried = True
        self._follower.look_now()

    def stop(self) -> None:
        """Copy back what is still missing, and stop."""
        self._follower.stop()
        self.bring_back()

    def bring_back(self) -> int:
        """Write every new or changed object to the folder. Returns how many there were."""
        found: dict[Path, _Stored] = {}
        for name in self._results:
            for one in self._objects(name):
                if self._known.get((name, one.key)) == one.etag or one.key.startswith(_OWN):
                    continue
                path = self._place(one.key)
                if path is None or path in found:
                    self._known[name, one.key] = one.etag
                else:
                    found[path] = one
        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(self._download, found.items()):
                pass
        return len(found)

    def _look(self) -> float:
        begun = time.monotonic()
        self.bring_back()
        if self._hurried:
            return _HURRIED_SECONDS
        return max(_POLL_SECONDS, (time.monotonic() - begun) / _PART)

    def _objects(self, bucket: str) -> Iterator[_Stored]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for entry in page.get("Contents", []):
                yield _Stored(bucket, entry["Key"], entry["ETag"], entry["Size"])

    def _upload(self, entry: tuple[Path, str]) -> None:
        path, key = entry
        body = path.read_bytes() if path.stat().st_size <= SMALL else None
        for name in self._sources:
            if body is None or not self._small.put(name, key, body, {}):
                self._s3.upload_file(str(path), name, key)

    def _download(self, entry: tuple[Path, _Stored]) -> None:
        path, one = entry
        body = self._small.get(one.bucket, one.key) if one.size <= SMALL else None
        stream: SupportsRead[bytes]
        if body is None:
            stream = self._s3.get_object(Bucket=one.bucket, Key=one.key)["Body"]
        else:
            stream = io.BytesIO(body)
        partial = path.with_name(f".{path.name}.partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as out:
                shutil.copyfileobj(stream, out)
            os.replace(str(partial), str(path))
        except OSError as error:  # a bucket may hold x beside x/y, and names of a thousand characters
            self._say(f"The result {one.key} cannot be written into {self._folder}: {error.strerror}")
            with suppress(OSError):
                partial.unlink()
        self._known[one.bucket, one.key] = one.etag

    def _place(self, key: str) -> Path | None:
        """The path of the object; None for a key that is not a file inside the folder."""
        parts = PurePosixPath(key).parts
        if key.endswith("/") or "\0" in key or ".." in parts or PurePosixPath(key).is_absolute():
            return None
        return self._folder.joinpath(*parts)


def files_of(folder: Path) -> Iterator[tuple[Path, str]]:
    """The folder's files, each with its key in the bucket."""
    for parent, folders, names in os.walk(str(folder)):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                path = Path(parent) / name
                yield path, path.relative_to(folder).as_posix()


def _make_bucket(s3: S3Client, name: str) -> None:
    """us-east-1 is the one region that may not be named when a bucket is made."""
    region = s3.meta.region_name
    if region == "us-east-1":
        s3.create_bucket(Bucket=name)
    else:
        place = cast("BucketLocationConstraintType", region)
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": place})
