"""Transfers a job's files: inputs from S3 to a folder, results from a folder to S3, many at a time.

Small files take one fast request each (small_objects.py), larger ones go through boto3; large ones in parts,
which are aborted on a stop, so that none stays in the bucket.
"""

from __future__ import annotations

import os
import stat
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Callable, Iterator, Mapping, NamedTuple, TypeVar

from worker import safe_open
from worker.attempt_record import INPUT_PROBLEM, INTERRUPTED, OUTPUT_PROBLEM, JobProblem
from worker.aws.small_objects import SMALL, SmallObjects
from worker.inputs import Source

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from types_boto3_s3 import S3Client

THREADS = 16
# From this size in bytes on, a file is transferred in parts.
LARGE = 32 * 1024 * 1024
_CHUNK = 1024 * 1024

# Returns why to stop, or ''.
Stopped = Callable[[], str]
Entry = TypeVar("Entry")


class Result(NamedTuple):
    """A file to upload: its name among the results, its own path without links, its bytes."""

    name: str
    path: str
    size: int


class Transfer:
    """Downloads and uploads with one S3 client and one pool of threads, kept for all jobs."""

    def __init__(self, s3: S3Client, credentials: Credentials | None) -> None:
        """``credentials``: of botocore, the client's own."""
        self._s3 = s3
        self._small = SmallObjects(s3, credentials, THREADS)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="transfer")

    def close(self) -> None:
        self._pool.shutdown()

    def download(self, bucket: str, sources: list[Source], folder: Path, stopped: Stopped) -> int:
        """Download the objects into the folder. Returns their bytes. Raises JobProblem."""

        def one(source: Source) -> int:
            return self._download_one(bucket, source.key, f"{folder}/{source.name}", stopped)

        try:
            return sum(self._all(one, sources, stopped))
        except OSError as error:
            raise JobProblem(INPUT_PROBLEM, f"an input could not be written: {error}") from None

    def upload(
        self,
        files: list[Result],
        bucket: str,
        prefix: str,
        extra: Mapping[str, str],
        stopped: Stopped,
    ) -> int:
        """Upload the files to the prefix; S3 rejects what does not arrive whole. Returns their bytes."""

        def one(result: Result) -> int:
            try:
                file = safe_open.open_to_read(result.path)
            except OSError as error:
                raise JobProblem(
                    OUTPUT_PROBLEM, f"the result {result.name} was changed after the tool had ended: {error}"
                ) from None
            with file:
                return self._upload_one(file, result, bucket, prefix + result.name, extra, stopped)

        return sum(self._all(one, files, stopped))

    def listed(self, bucket: str, prefix: str) -> Iterator[tuple[str, int]]:
        """The objects under the prefix, as (name relative to it, size in bytes)."""
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                yield entry["Key"][len(prefix) :], entry["Size"]

    def _upload_one(
        self,
        file: BinaryIO,
        result: Result,
        bucket: str,
        key: str,
        extra: Mapping[str, str],
        stopped: Stopped,
    ) -> int:
        size = os.fstat(file.fileno()).st_size
        if size <= SMALL:
            if self._small.put(bucket, key, file.read(), extra):
                return size
            file.seek(0)
        if size < LARGE:
            of_upload_flags: Mapping[str, Any] = extra
            self._s3.put_object(
                Bucket=bucket, Key=key, Body=file, ChecksumAlgorithm="CRC32", **of_upload_flags
            )
            return size
        self._abort_unfinished(bucket, key)
        path = safe_open.path_of(file, result.path)
        self._s3.upload_file(
            path, bucket, key, ExtraArgs=dict(extra), Callback=lambda moved: _raise_if(stopped)
        )
        # S3 checks each part, but not that none is missing.
        if dict(self.listed(bucket, key)).get("") != size:
            raise JobProblem(OUTPUT_PROBLEM, f"the result s3://{bucket}/{key} is not whole")
        return size

    def _abort_unfinished(self, bucket: str, key: str) -> None:
        """Abort the uploads of a killed attempt, whose parts would be stored and billed for ever."""
        with suppress(self._s3.exceptions.ClientError):  # a role without the permission, or another's S3
            pages = self._s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=key)
            for one in [upload for page in pages for upload in page.get("Uploads", [])]:
                if one["Key"] == key:
                    self._s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=one["UploadId"])

    def _download_one(self, bucket: str, key: str, path: str, stopped: Stopped) -> int:
        body = self._small.get(bucket, key)
        if body is not None:
            with safe_open.open_to_create(path) as out:
                out.write(body)
            return len(body)
        try:
            answer = self._s3.get_object(Bucket=bucket, Key=key)
        except self._s3.exceptions.NoSuchKey:
            raise JobProblem(INPUT_PROBLEM, f"there is no s3://{bucket}/{key}") from None
        size = int(answer["ContentLength"])
        with closing(answer["Body"]) as stream, safe_open.open_to_create(path) as out:
            if size >= LARGE:
                stream.close()
                self._s3.download_fileobj(bucket, key, out, Callback=lambda moved: _raise_if(stopped))
            else:
                for chunk in stream.iter_chunks(_CHUNK):
                    out.write(chunk)
            out.flush()
            arrived = os.fstat(out.fileno()).st_size
        if arrived != size:
            raise JobProblem(INPUT_PROBLEM, f"s3://{bucket}/{key} did not arrive whole")
        return size

    def _all(self, act: Callable[[Entry], int], entries: list[Entry], stopped: Stopped) -> list[int]:
        """Call ``act`` for every entry, in parallel; the first error ends the rest."""

        def guarded(entry: Entry) -> int:
            _raise_if(stopped)
            return act(entry)

        if len(entries) == 1:  # most jobs leave one file, and a thread would only have to be woken
            return [guarded(entries[0])]
        futures = [self._pool.submit(guarded, entry) for entry in entries]
        done, pending = wait(futures, return_when=FIRST_EXCEPTION)
        for future in pending:
            future.cancel()
        wait(pending)
        for future in futures:
            if future in done and future.exception():
                future.result()
        return [future.result() for future in futures]


def result_files(folder: Path) -> list[Result]:
    """The files in an output folder, sorted by name. Raises JobProblem.

    A link to something inside counts as a file; a link to the outside would publish what is not a result. So
    would the folder itself, if the tool replaced it by a link: ``folder`` is its path without links.
    """
    root = str(folder)
    if os.path.realpath(root) != root:
        raise JobProblem(OUTPUT_PROBLEM, "the tool has put a link in the place of its output folder")
    found: list[Result] = []
    for parent, folders, names in os.walk(root, onerror=_refuse_unread):
        folders.sort()
        for name in sorted(names + [one for one in folders if os.path.islink(os.path.join(parent, one))]):
            path = target = os.path.join(parent, name)
            relative = os.path.relpath(path, root)
            is_link = os.path.islink(path)
            if is_link:
                target = os.path.realpath(path)
            if not _is_text(relative):
                raise JobProblem(
                    OUTPUT_PROBLEM, f"the result {relative!r} has a name that is no UTF-8; S3 takes no other"
                )
            there = _file_at(target) if target.startswith(root + os.sep) else None
            if there is not None:
                found.append(Result(relative, target, there.st_size))
            elif is_link:
                raise JobProblem(
                    OUTPUT_PROBLEM,
                    f"the result {relative} is a link to what is no file of the output folder",
                )
            # Anything else is a socket or pipe.
    return found


def _refuse_unread(error: OSError) -> None:
    """Raises JobProblem: a folder that cannot be read may contain results."""
    raise JobProblem(OUTPUT_PROBLEM, f"the tool left a folder that cannot be read: {error}")


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _file_at(path: str) -> os.stat_result | None:
    """The status of a regular file; None for anything else, and for a loop of links."""
    try:
        there = os.lstat(path)
    except OSError:
        return None
    return there if stat.S_ISREG(there.st_mode) else None


def _raise_if(stopped: Stopped) -> None:
    reason = stopped()
    if reason:
        raise JobProblem(INTERRUPTED, reason)
