# -*- coding: utf-8 -*-
"""Moves a job's files: inputs from S3 into a folder, results from a folder into S3; many at a time."""

from __future__ import division, print_function, unicode_literals

import os
import stat
from contextlib import closing
from multiprocessing.pool import ThreadPool

from python2worker.outcome import INPUT_PROBLEM, INTERRUPTED, OUTPUT_PROBLEM, JobProblem

THREADS = 16
# From so many bytes on a file is moved in parts.
LARGE = 32 * 1024 * 1024
_CHUNK = 1024 * 1024


class Transfer(object):
    """Downloads and uploads with one S3 client and one pool of threads, kept for all jobs."""

    def __init__(self, s3):
        self._s3 = s3
        self._pool = ThreadPool(THREADS)

    def close(self):
        self._pool.terminate()

    def download(self, bucket, sources, folder, stopped):
        """Bring {name: key} into the folder. Returns their bytes. Raises JobProblem."""

        def one(entry):
            name, key = entry
            # The folder's own path has no links; Python 2 may take the file system for ASCII.
            path = os.path.join(folder, name).encode("utf-8")
            parent = os.path.dirname(path)
            try:
                os.makedirs(parent)
            except OSError:
                if not os.path.isdir(parent) or os.path.realpath(parent) != parent:
                    raise
            return self._download_one(bucket, key, path, stopped)

        try:
            return sum(self._all(one, sorted(sources.items()), stopped))
        except EnvironmentError as error:
            raise JobProblem(INPUT_PROBLEM, "an input could not be written: {0}".format(error))

    def upload(self, files, bucket, prefix, extra, stopped):
        """Put (path, name, size) under the prefix, and see that they are there. Returns their bytes."""

        def one(entry):
            path, name, _ = entry
            try:
                body = open_to_read(path)
            except EnvironmentError as error:
                raise JobProblem(
                    OUTPUT_PROBLEM,
                    "the result {0} was changed after the tool had ended: {1}".format(name, error),
                )
            with body:
                size = os.fstat(body.fileno()).st_size
                if size < LARGE:
                    self._s3.put_object(Bucket=bucket, Key=prefix + name, Body=body, **extra)
                else:
                    self._abort_unfinished(bucket, prefix + name)
                    self._s3.upload_file(
                        "/proc/self/fd/{0}".format(body.fileno()),
                        bucket,
                        prefix + name,
                        ExtraArgs=extra,
                        Callback=lambda moved: raise_if(stopped),
                    )
            return size

        sizes = self._all(one, files, stopped)
        there = dict(self.listed(bucket, prefix)) if files else {}
        wrong = [name for (_, name, _), size in zip(files, sizes) if there.get(name) != size]
        if wrong:
            raise JobProblem(
                OUTPUT_PROBLEM,
                "{0} of {1} results are not whole at s3://{2}/{3}: {4}".format(
                    len(wrong), len(files), bucket, prefix, wrong[0]
                ),
            )
        return sum(sizes)

    def listed(self, bucket, prefix):
        """The objects under the prefix, as (name relative to it, size in bytes)."""
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                yield entry["Key"][len(prefix) :], entry["Size"]

    def _abort_unfinished(self, bucket, key):
        """Parts that an attempt left when it was killed would be stored, and paid for, for ever."""
        try:
            pages = self._s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=key)
            for one in [upload for page in pages for upload in page.get("Uploads", [])]:
                if one["Key"] == key:
                    self._s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=one["UploadId"])
        except self._s3.exceptions.ClientError:
            pass  # a role without the permission, or another's S3

    def _download_one(self, bucket, key, path, stopped):
        try:
            answer = self._s3.get_object(Bucket=bucket, Key=key)
        except self._s3.exceptions.NoSuchKey:
            raise JobProblem(INPUT_PROBLEM, "there is no s3://{0}/{1}".format(bucket, key))
        size = int(answer["ContentLength"])
        with closing(answer["Body"]) as body, open_to_create(path) as out:
            if size >= LARGE:
                body.close()
                self._s3.download_fileobj(bucket, key, out, Callback=lambda moved: raise_if(stopped))
            else:
                for chunk in iter(lambda: body.read(_CHUNK), b""):
                    out.write(chunk)
            out.flush()
            arrived = os.fstat(out.fileno()).st_size
        if arrived != size:
            raise JobProblem(INPUT_PROBLEM, "s3://{0}/{1} did not arrive whole".format(bucket, key))
        return size

    def _all(self, act, entries, stopped):
        """Do it for every entry, at once as far as threads go; the first error ends the rest."""
        failed = []

        def guarded(entry):
            if failed:
                return 0
            try:
                raise_if(stopped)
                return act(entry)
            except Exception as error:
                failed.append(error)
                return 0

        sizes = self._pool.map(guarded, entries, 1)
        if failed:
            raise failed[0]
        return sizes


def result_files(folder):
    """(path without links, name, size) of the files in an output folder, in order.

    Raises JobProblem for links that lead out, and for one in the place of the folder itself.
    """
    # As bytes: what no UTF-8 is, is told; and Python 2 may take the file system for ASCII.
    root = folder.encode("utf-8")
    if os.path.realpath(root) != root:
        raise JobProblem(OUTPUT_PROBLEM, "the tool has put a link in the place of its output folder")
    found = []
    for parent, folders, names in os.walk(root, onerror=_refuse_unread):
        folders.sort()
        links = [one for one in folders if os.path.islink(os.path.join(parent, one))]
        for name in sorted(names + links):
            path = target = os.path.join(parent, name)
            relative = _text(os.path.relpath(path, root))
            is_link = os.path.islink(path)
            if is_link:
                target = os.path.realpath(path)
            if target.startswith(root + b"/") and not os.path.islink(target) and os.path.isfile(target):
                found.append((target, relative, os.path.getsize(target)))
            elif is_link:
                raise JobProblem(
                    OUTPUT_PROBLEM,
                    "the result {0} is a link to what is no file of the output folder".format(relative),
                )
            # Anything else is a socket or a pipe.
    return found


def _refuse_unread(error):
    """A folder that cannot be read may hold results."""
    raise JobProblem(OUTPUT_PROBLEM, "the tool left a folder that cannot be read: {0}".format(error))


def _text(name):
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        raise JobProblem(
            OUTPUT_PROBLEM, "the result {0!r} has a name that is no UTF-8; S3 takes no other".format(name)
        )


def open_to_read(path):
    """An ordinary file at this path, which has no links: none that was put there meanwhile is followed."""
    opened = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    return _refuse_elsewhere(opened, path)


def open_to_create(path):
    """A new file there. Raises OSError where something is already."""
    opened = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666), "wb")
    return _refuse_elsewhere(opened, path)


def _refuse_elsewhere(opened, path):
    """What was opened lies where the path says: no step of it was a link (Linux tells where a file lies)."""
    there = os.readlink("/proc/self/fd/{0}".format(opened.fileno()).encode("ascii"))
    if there != (path if isinstance(path, bytes) else path.encode("utf-8")) or not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
        opened.close()
        raise OSError("{0!r} is no file any more".format(path))
    return opened


def raise_if(stopped):
    reason = stopped()
    if reason:
        raise JobProblem(INTERRUPTED, reason)
