"""Parts of the rehearsal: how results come into the folder."""

import io

import pytest

from distributed_something.errors import UserError
from distributed_something.local.bucket_sync import BucketSync
from distributed_something.local.containers import seen_from_desktop
from distributed_something.local.result_places import NoPlace, ResultPlaces, takes_cases_for_one


class Bucket:
    """S3 with these objects; what is downloaded holds its key."""

    class exceptions:
        NoSuchKey = KeyError

    def __init__(self, *keys):
        self.keys = keys
        self.sizes = {key: len(key) for key in keys}
        self.removed = set()

    def get_paginator(self, name):
        return self

    def paginate(self, Bucket):
        yield {"Contents": [{"Key": key, "ETag": key, "Size": self.sizes[key]} for key in self.keys]}

    def get_object(self, Bucket, Key):
        if Key in self.removed:
            raise KeyError(Key)
        return {"Body": io.BytesIO(Key.encode())}


class Small:
    """Leaves every object to S3."""

    def get(self, bucket, key):
        return None


def bring_back(folder, *keys):
    """What is said when these results come back, without the folder."""
    said = []
    bucket = BucketSync(Bucket(*keys), Small(), folder, [], ["bucket"], said.append)
    bucket.bring_back()
    bucket.stop()
    return [text.replace(str(folder), "FOLDER") for text in said]


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def test_results_come_back_and_none_leaves_the_folder(tmp_path):
    keys = ("a/b.csv", "monitors/x", "../out", "/etc/passwd", "x/../../y", "folder/", "aws-logs-write-test")
    said = bring_back(tmp_path / "data", *keys, "a//b.csv", "a/./b.csv", "c/")
    assert files(tmp_path) == ["data/a/b.csv"]
    assert said == [
        "7 results cannot be written into FOLDER: '../out', '/etc/passwd', 'a/./b.csv', 'a//b.csv', 'c/', "
        "'folder/', 'x/../../y' (no file can have a name that begins or ends with '/', or holds '//', '.' or "
        "'..' as a step)"
    ]


def test_a_folder_s_marker_without_content_is_no_result(tmp_path):
    bucket = Bucket("folder/")
    bucket.sizes["folder/"] = 0
    said = []
    sync = BucketSync(bucket, Small(), tmp_path, [], ["bucket"], said.append)
    assert (sync.bring_back(), said, files(tmp_path)) == (0, [], [])


def test_a_result_that_no_disk_can_hold_is_told_once_and_the_others_come_back(tmp_path):
    (tmp_path / "x" / "y").mkdir(parents=True)
    (tmp_path / "file").write_text("mine")
    said = bring_back(tmp_path, "x/y/z", "x/y", "n" * 300, "good", "file/below", "m" * 255)
    assert files(tmp_path) == ["file", "good", "m" * 255, "x/y/z"]
    assert (tmp_path / "x/y/z").read_text() == "x/y/z"
    assert (tmp_path / "file").read_text() == "mine"
    assert said == [
        f"3 results cannot be written into FOLDER: '{'n' * 300}' (File name too long); "
        "'file/below' (a file stands where its folder should be); 'x/y' (a folder stands in its place)"
    ]


def test_no_result_is_written_through_a_link(tmp_path):
    folder, outside = tmp_path / "data", tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("mine")
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "file").symlink_to(outside / "kept")
    said = bring_back(folder, "link/a", "link/b/c", "file")
    assert files(outside) == ["kept"]
    assert (outside / "kept").read_text() == "mine"
    assert (folder / "file").read_text() == "file"
    assert said == [
        "2 results cannot be written into FOLDER: 'link/a', 'link/b/c' (a link stands in the way, and "
        "results do not follow links)"
    ]


def test_a_result_that_failed_for_a_while_is_written_at_the_end(tmp_path):
    (tmp_path / "a").write_text("in the way")
    said = []
    bucket = BucketSync(Bucket("a/b"), Small(), tmp_path, [], ["bucket"], said.append)
    bucket.bring_back()
    (tmp_path / "a").unlink()
    bucket.stop()
    assert (tmp_path / "a" / "b").read_text() == "a/b"
    assert len(said) == 1


def test_a_result_that_vanishes_between_list_and_reading_is_no_error(tmp_path):
    bucket = Bucket("a", "b")
    bucket.removed.add("a")
    BucketSync(bucket, Small(), tmp_path, [], ["bucket"]).bring_back()
    assert files(tmp_path) == ["b"]


def test_where_capitals_do_not_count_one_name_never_takes_another_s_place(tmp_path):
    places = ResultPlaces(tmp_path, one_case=True)
    places.keep("images/Größe.tif")
    assert places.place("bucket", "images/Größe.tif", "1") == tmp_path / "images" / "Größe.tif"
    assert places.place("bucket", "A.csv", "1") == places.place("bucket", "A.csv", "2") == tmp_path / "A.csv"
    for key, taken in [("a.csv", "A.csv"), ("images/GRÖSSE.tif", "images/Größe.tif")]:
        with pytest.raises(NoPlace, match=f"takes its name for that of '{taken}'"):
            places.place("bucket", key, "1")
    here = ResultPlaces(tmp_path, takes_cases_for_one(tmp_path))
    (tmp_path / "B").write_text("B")
    here.keep("B")
    assert here.place("bucket", "b", "1") == tmp_path / "b" or (tmp_path / "b").exists()


def test_two_buckets_never_take_each_other_s_place(tmp_path):
    places = ResultPlaces(tmp_path, one_case=False)
    assert places.place("results", "a.csv", "1") == tmp_path / "a.csv"
    assert places.place("workspace", "a.csv", "1") is None
    with pytest.raises(NoPlace, match="the folder holds the one of bucket results"):
        places.place("workspace", "a.csv", "2")


@pytest.mark.parametrize("name", ["file", "file/below", "dangling"])
def test_a_folder_of_no_use_is_a_sentence(tmp_path, name):
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to("nothing")
    with pytest.raises(UserError, match="--bucket .*: .*folder"):
        BucketSync(Bucket(), Small(), tmp_path / name, [], []).fill()


def test_containers_of_docker_desktop_reach_the_emulator_by_another_name():
    """They run in a virtual machine that has no host network."""
    assert seen_from_desktop("http://127.0.0.1:4566") == "http://host.docker.internal:4566"
