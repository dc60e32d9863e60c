"""The folder that stands for the bucket, against the emulated AWS: any tree arrives, as it is on the disk."""

import io
import os
import threading

import pytest

from distributed_something.commands.local import emulated_aws
from distributed_something.local import bucket_sync
from distributed_something.local.bucket_sync import BucketSync

ODD = [
    "a\nb",
    "back\\slash",
    "tab\t\r",
    "\x1b[31m",
    "a b+%41",
    "*?",
    "é\u0301",
    "\u202e",
    "'\"<&>",
    ".hidden/x",
]
LARGE = 20 * 1024 * 1024


@pytest.fixture
def aws(moto):
    return emulated_aws(moto.endpoint_url, "us-east-1", moto.access_key)


@pytest.fixture
def sync(aws, unique, tmp_path):
    """A function that makes the sync of a folder, and what it has said."""

    def make(folder=tmp_path / "data"):
        return BucketSync(aws.s3, aws.small_objects(), folder, [unique], [unique], make.said.append)

    make.said = []
    return make


def stored(aws, bucket):
    pages = aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {one["Key"]: one["Size"] for page in pages for one in page.get("Contents", [])}


def test_every_name_of_a_disk_arrives_and_comes_back(aws, sync, unique, tmp_path):
    for number, name in enumerate(ODD):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * number)
    os.mkfifo(str(tmp_path / "data" / "pipe"))
    sync().fill()
    assert stored(aws, unique) == {name: number for number, name in enumerate(ODD)}
    assert sync.said == [
        f"1 entry of {tmp_path}/data is not in the bucket that it stands for: 'pipe' (a pipe)"
    ]
    assert sync(tmp_path / "back").bring_back() == len(ODD)
    assert {name: (tmp_path / "back" / name).stat().st_size for name in ODD} == stored(aws, unique)
    assert len(sync.said) == 1


def test_a_large_file_is_never_held_whole(aws, sync, unique, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "large").open("wb") as out:
        out.truncate(LARGE)
    longest = []

    class Watched(io.FileIO):
        def read(self, size=-1):
            found = super().read(size)
            longest.append(len(found))
            return found

    monkeypatch.setattr(bucket_sync, "_opened", lambda path: Watched(str(path)))
    sync().fill()
    assert stored(aws, unique) == {"large": LARGE}
    assert 0 < max(longest) < LARGE


@pytest.mark.parametrize("size", [1000, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("change", ["vanishes", "grows", "is cut off", "becomes a pipe"])
@pytest.mark.timeout(120)
def test_a_file_that_changes_while_it_is_read_is_left_out(
    aws, sync, unique, tmp_path, monkeypatch, size, change
):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "good").write_text("good")
    path = folder / "changing"
    path.write_bytes(b"x" * size)
    os.utime(str(path), (0, 0))
    put = BucketSync._put

    def put_changing(self, path, key, size):
        if key == "changing":
            if change in ("vanishes", "becomes a pipe"):
                path.unlink()
            if change == "becomes a pipe":
                os.mkfifo(str(path))
            if change == "grows":
                threading.Timer(0.01, lambda: path.open("ab").write(b"more")).start()
                put(self, path, key, size)
                path.open("ab").write(b"more")
                return
            if change == "is cut off":
                os.truncate(str(path), size // 2)
        put(self, path, key, size)

    monkeypatch.setattr(BucketSync, "_put", put_changing)
    sync().fill()
    assert stored(aws, unique) == {"good": 4}
    why = "it was changed while it was read" if change in ("grows", "is cut off") else "it has vanished"
    assert sync.said == [f"1 entry of {folder} is not in the bucket that it stands for: 'changing' ({why})"]
