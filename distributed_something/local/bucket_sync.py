"""Syncs a local folder with the emulated bucket: its files are the inputs, and results appear in it."""

from __future__ import annotations

import io
import itertools
import os
import shutil
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Callable, Iterator, NamedTuple, cast

from worker.aws.small_objects import SMALL, SmallObjects

from ..errors import UserError
from .background_loop import BackgroundLoop
from .folder_files import PARTIAL, LeftOut, files_of, reason_of
from .result_places import NoPlace, ResultPlaces, takes_cases_for_one

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
# The run's own files in the bucket, and what AWS's log exports leave there.
_OWN_FOLDER = "monitors/"
_OWN_FILE = "aws-logs-write-test"
_CHANGED = "it was changed while it was read"


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
        self._places = ResultPlaces(folder, one_case=False)
        self._refused: dict[tuple[str, str], str] = {}  # (bucket, key) -> why the folder cannot hold it
        self._numbers = itertools.count()
        self._hurried = False
        self._follower = BackgroundLoop("folder-bucket", self._look, _POLL_SECONDS)

    def fill(self, uploaded: Callable[[], None] = lambda: None) -> None:
        """Create the buckets and upload the folder's files. Raises UserError for an unusable folder."""
        _make_folder(self._folder)
        self._places = ResultPlaces(self._folder, takes_cases_for_one(self._folder))
        for name in {*self._sources, *self._results}:
            _make_bucket(self._s3, name)
        left_out = LeftOut()
        with ThreadPoolExecutor(_THREADS) as pool:
            files = list(files_of(self._folder, left_out))
            for (_, key), problem in zip(files, pool.map(self._upload, files)):
                self._places.keep(key)
                if problem:
                    left_out.add(key, problem)
                uploaded()
        if left_out:
            self._say(left_out.sentence(self._folder))
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
        """Copy back what is still missing, also what could not be written before, and stop."""
        self._follower.stop()
        for one in self._refused:
            self._known.pop(one, None)
        self.bring_back()

    def bring_back(self) -> int:
        """Write every new or changed object to the folder. Returns how many there were."""
        found: list[tuple[Path, _Stored]] = []
        refused = LeftOut()
        for name in self._results:
            for one in self._objects(name):
                if self._known.get((name, one.key)) == one.etag or _is_own(one.key):
                    continue
                try:
                    path = self._place(one)
                except NoPlace as reason:
                    self._refuse(one, str(reason), refused)
                    path = None
                if path is None:
                    self._known[name, one.key] = one.etag
                else:
                    found.append((path, one))
        with ThreadPoolExecutor(_THREADS) as pool:
            for (_, one), problem in zip(found, pool.map(self._download, found)):
                if problem:
                    self._refuse(one, problem, refused)
        if refused:
            results = "1 result" if len(refused) == 1 else f"{len(refused):,} results"
            self._say(f"{results} cannot be written into {self._folder}: {refused.listed()}")
        return len(found)

    def _refuse(self, one: _Stored, reason: str, refused: LeftOut) -> None:
        """Each object is reported once for each reason."""
        if self._refused.get((one.bucket, one.key)) != reason:
            self._refused[one.bucket, one.key] = reason
            refused.add(one.key, reason)

    def _place(self, one: _Stored) -> Path | None:
        """The path of the object; None if the folder holds it already. Raises NoPlace."""
        if one.key.endswith("/") and not one.size:  # what the console makes for a folder; it holds nothing
            return None
        return self._places.place(one.bucket, one.key, one.etag)

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

    def _upload(self, entry: tuple[Path, str]) -> str:
        """Returns why the file is not in the buckets, or ''."""
        path, key = entry
        before = _version(path)
        problem = ""
        try:
            if before:
                self._put(path, key, before[0])
        except OSError as error:
            problem = reason_of(error)
        except Exception:  # whatever comes of a file that became shorter under the reader's hands
            if _version(path) == before:
                raise
        after = _version(path)
        if not after:
            problem = "it has vanished"
        elif not problem and after != before:
            problem = _CHANGED
        if problem:
            for name in self._sources:
                self._s3.delete_object(Bucket=name, Key=key)
        return problem

    def _put(self, path: Path, key: str, size: int) -> None:
        with _opened(path) as file:
            body = file.read(SMALL + 1) if size <= SMALL else None
        for name in self._sources:
            if body is None or not self._small.put(name, key, body, {}):
                # Each part is read before it is sent: a file that becomes shorter does not stop a request.
                with _opened(path) as file:
                    self._s3.upload_fileobj(file, name, key)

    def _download(self, entry: tuple[Path, _Stored]) -> str:
        """Returns why the object is not in the folder, or ''."""
        path, one = entry
        body = self._small.get(one.bucket, one.key) if one.size <= SMALL else None
        stream: SupportsRead[bytes]
        if body is None:
            try:
                stream = self._s3.get_object(Bucket=one.bucket, Key=one.key)["Body"]
            except self._s3.exceptions.NoSuchKey:
                return ""  # removed since the bucket was listed
        else:
            stream = io.BytesIO(body)
        partial = path.with_name(PARTIAL.format(f"{os.getpid()}-{next(self._numbers)}"))
        problem = ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as out:
                shutil.copyfileobj(stream, out)
            os.replace(str(partial), str(path))
        except (FileExistsError, NotADirectoryError):
            problem = "a file stands where its folder should be"
        except IsADirectoryError:
            problem = "a folder stands in its place"
        except OSError as error:  # names of a thousand characters, a full disk
            problem = error.strerror or str(error)
        if problem:
            with suppress(OSError):
                partial.unlink()
        self._known[one.bucket, one.key] = one.etag
        return problem


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise UserError(f"--bucket {folder}: is not a folder; name one, or a name that is free") from None
    except OSError as error:
        raise UserError(f"--bucket {folder}: the folder cannot be made: {error.strerror}") from None
    if not os.access(str(folder), os.R_OK | os.W_OK | os.X_OK):
        raise UserError(f"--bucket {folder}: you may not read and write this folder; name another one")


def _is_own(key: str) -> bool:
    return key.startswith(_OWN_FOLDER) or key == _OWN_FILE


def _opened(path: Path) -> BinaryIO:
    """An ordinary file. Raises OSError; a pipe that has taken its place is not waited for."""
    number = os.open(str(path), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError("it is not a file any more")
    return os.fdopen(number, "rb")


def _version(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file does, its size in bytes first; None where there is no ordinary file."""
    try:
        found = os.stat(str(path))
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def _make_bucket(s3: S3Client, name: str) -> None:
    """us-east-1 is the one region that may not be named when a bucket is made."""
    region = s3.meta.region_name
    if region == "us-east-1":
        s3.create_bucket(Bucket=name)
    else:
        place = cast("BucketLocationConstraintType", region)
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": place})
