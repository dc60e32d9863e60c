"""Parts of the rehearsal: which files of the folder are the bucket's."""

import io

from distributed_something.local.bucket_sync import BucketSync, files_of
from distributed_something.local.containers import seen_from_desktop


class Bucket:
    """S3 with these objects; what is downloaded holds its key."""

    def __init__(self, *keys):
        self.keys = keys

    def get_paginator(self, name):
        return self

    def paginate(self, Bucket):
        yield {"Contents": [{"Key": key, "ETag": key, "Size": len(key)} for key in self.keys]}

    def get_object(self, Bucket, Key):
        return {"Body": io.BytesIO(Key.encode())}


class Small:
    """Leaves every object to S3."""

    def get(self, bucket, key):
        return None


def test_results_come_back_and_none_leaves_the_folder(tmp_path):
    keys = ("a/b.csv", "monitors/x", "../out", "/etc/passwd", "x/../../y", "folder/", "aws-logs-write-test")
    folder = tmp_path / "data"
    bucket = BucketSync(Bucket(*keys), Small(), folder, [], ["bucket"])
    assert bucket.bring_back() == 1
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "data/a/b.csv"
    ]
    assert bucket.bring_back() == 0


def test_a_result_that_no_disk_can_hold_is_told_and_the_others_come_back(tmp_path):
    said = []
    keys = ("x/y/z", "x/y", "n" * 300, "good")
    bucket = BucketSync(Bucket(*keys), Small(), tmp_path, [], ["bucket"], said.append)
    (tmp_path / "x" / "y").mkdir(parents=True)
    bucket.bring_back()
    assert (tmp_path / "good").read_text() == "good"
    assert (tmp_path / "x/y/z").read_text() == "x/y/z"
    assert sorted(text[:20] for text in said) == ["The result nnnnnnnnn", "The result x/y canno"]
    assert bucket.bring_back() == 0
    assert not list(tmp_path.rglob(".*"))


def test_hidden_files_are_not_the_bucket_s(tmp_path):
    for name in ("a.csv", ".DS_Store", ".git/config", "b/c.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [key for _, key in files_of(tmp_path)] == ["a.csv", "b/c.csv"]


def test_containers_of_docker_desktop_reach_the_emulator_by_another_name():
    """They run in a virtual machine that has no host network."""
    assert seen_from_desktop("http://127.0.0.1:4566") == "http://host.docker.internal:4566"
