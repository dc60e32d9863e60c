"""Results are published from the output folder alone, and inputs written into the input folder alone,
whatever a tool has made of these folders, before its end or after it.
"""

import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest

import worker.inputs
import worker.transfer
from tests.functional.conftest import client
from tests.security.workers import both_pythons
from worker import safe_open
from worker.attempt_record import JobProblem
from worker.transfer import result_files

SECRET = b"of another place"


@pytest.fixture
def transfer(moto, unique):
    """The worker's transfer, with a bucket."""
    s3 = client(moto, "s3")
    s3.create_bucket(Bucket=unique)
    credentials = boto3.Session(moto.access_key, "secret").get_credentials()
    made = worker.transfer.Transfer(s3, credentials)

    def get(names, folder):
        sources = [worker.inputs.Source(key, name) for name, key in names.items()]
        made.download(unique, sources, Path(folder), lambda: "")

    def put(found):
        return made.upload(found, unique, "results/", {}, lambda: "")

    def published():
        entries = s3.list_objects_v2(Bucket=unique, Prefix="results/").get("Contents", [])
        return {
            one["Key"][len("results/") :]: s3.get_object(Bucket=unique, Key=one["Key"])["Body"].read()
            for one in entries
        }

    yield SimpleNamespace(s3=s3, bucket=unique, put=put, get=get, published=published)
    made.close()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "work" / "job"
    (made / "below").mkdir(parents=True)
    (made / "result").write_bytes(b"result")
    (made / "below" / "result").write_bytes(b"result below")
    return made


@pytest.fixture
def elsewhere(tmp_path):
    made = tmp_path / "elsewhere"
    made.mkdir()
    (made / "result").write_bytes(SECRET)
    return made


# What a tool may leave in its output folder; each line is run there by a shell.
LINKS_OUT = {
    "to a file outside": "ln -s /etc/passwd stolen",
    "to a folder outside": "ln -s /etc stolen",
    "to a file outside, by a relative path": "ln -s ../../../../../../../../etc/passwd stolen",
    "through a link inside": "ln -s /etc/passwd hop; ln -s hop stolen",
    "through a folder that is a link": "ln -s /etc etc; ln -s etc/passwd stolen",
    "in a folder below": "mkdir -p a/b; ln -s ../../../../elsewhere/result a/b/stolen",
    "loop": "ln -s loop loop",
    "loop of two": "ln -s b a; ln -s a b",
    "dangling": "ln -s nowhere stolen",
    "to a device": "ln -s /dev/zero stolen",
    "to the process itself": "ln -s /proc/self/environ stolen",
    "to a folder inside": "ln -s below stolen",
    "to the output folder": "ln -s . stolen",
}


@pytest.mark.parametrize("what", LINKS_OUT)
def test_a_link_that_is_no_file_of_the_output_folder_is_a_problem(transfer, folder, elsewhere, what):
    subprocess.run(["sh", "-c", LINKS_OUT[what]], cwd=str(folder), check=True)
    with pytest.raises(JobProblem, match="is a link"):
        result_files(folder)


def test_an_output_folder_that_became_a_link_is_a_problem(transfer, folder, elsewhere):
    shutil.rmtree(folder)
    folder.symlink_to(elsewhere)
    with pytest.raises(JobProblem, match="link in the place of its output folder"):
        result_files(folder)


def test_pipes_and_sockets_are_no_results(transfer, folder):
    os.mkfifo(folder / "pipe")
    assert sorted(one.name for one in result_files(folder)) == ["below/result", "result"]


def to_a_link(folder, elsewhere):
    (folder / "result").unlink()
    (folder / "result").symlink_to(elsewhere / "result")


def to_a_link_on_the_way(folder, elsewhere):
    shutil.rmtree(folder / "below")
    (folder / "below").symlink_to(elsewhere)


def to_another_root(folder, elsewhere):
    folder.rename(folder.parent / "away")
    folder.symlink_to(elsewhere)


def to_another_ancestor(folder, elsewhere):
    folder.parent.rename(elsewhere / "ancestor")
    folder.parent.symlink_to(elsewhere / "ancestor")


def to_a_pipe(folder, elsewhere):
    (folder / "result").unlink()
    os.mkfifo(folder / "result")


def to_a_folder(folder, elsewhere):
    (folder / "result").unlink()
    (folder / "result").mkdir()


SWAPS = [to_a_link, to_a_link_on_the_way, to_another_root, to_another_ancestor, to_a_pipe, to_a_folder]


@pytest.mark.parametrize("swap", SWAPS)
@pytest.mark.timeout(60)
def test_what_changes_between_check_and_upload_is_not_followed(transfer, folder, elsewhere, swap):
    """By a process that the tool left behind, or another job's tool in the same container."""
    found = result_files(folder)
    swap(folder, elsewhere)
    with pytest.raises(JobProblem, match="was changed after the tool had ended"):
        transfer.put(found)
    assert SECRET not in transfer.published().values()


def test_a_large_result_that_changes_while_it_is_uploaded_is_the_one_that_was_opened(
    transfer, folder, elsewhere, monkeypatch
):
    """It is read by several threads, which open it again."""
    large = worker.transfer.LARGE
    (folder / "result").write_bytes(b"r" * large)
    (elsewhere / "result").write_bytes(b"s" * large)
    found = result_files(folder)
    upload = transfer.s3.upload_file

    def swapped(*arguments, **named):
        to_a_link(folder, elsewhere)
        return upload(*arguments, **named)

    monkeypatch.setattr(transfer.s3, "upload_file", swapped)
    transfer.put(found)
    assert transfer.published()["result"] == b"r" * large


@pytest.mark.parametrize("size", [7, 2 * 1024 * 1024, worker.transfer.LARGE])
def test_an_input_follows_no_link_that_lies_where_it_goes(transfer, folder, elsewhere, size):
    """Small, middling and large objects take different ways."""
    transfer.s3.put_object(Bucket=transfer.bucket, Key="in", Body=b"i" * size)
    (folder / "file").symlink_to(elsewhere / "new")
    (folder / "way").symlink_to(elsewhere)
    for name in ("file", "way/new", "result"):
        with pytest.raises(JobProblem, match="could not be written"):
            transfer.get({name: "in"}, folder)
    assert sorted(os.listdir(elsewhere)) == ["result"]
    assert (folder / "result").read_bytes() == b"result", "what is there already is not written over"
    transfer.get({"a/b/new": "in"}, folder)
    assert (folder / "a/b/new").read_bytes() == b"i" * size


# A key of the bucket, as anybody who may write there can name it, below the prefix of an INPUT.
KEYS_OUT = ["../x", "../../etc/x", "/etc/x", "a/../../x", "a//b", "a/..", "..", ".", "a/.", "./x", "nul\0x"]
KEYS_IN = ["..x", "x..", "a/...", "..\\x", "C:\\x", "~", "-rf", "a\nb", "$(id)", "ü", " "]


def listing(*keys):
    pages = [{"Contents": [{"Key": "in/" + key, "Size": 1} for key in keys]}]
    return SimpleNamespace(get_paginator=lambda name: SimpleNamespace(paginate=lambda **options: pages))


def name_of(key):
    bucket = worker.inputs.SourceBucket(listing(key), "b")
    (found,) = worker.inputs.sources(bucket, [worker.inputs.Pattern(("in/",))])
    return found.name


@pytest.mark.parametrize("key", KEYS_OUT)
def test_an_object_whose_name_would_leave_the_input_folder_is_a_problem(key):
    with pytest.raises(JobProblem, match="would leave the input folder"):
        name_of(key)


@pytest.mark.parametrize("key", KEYS_IN)
def test_a_strange_name_that_stays_inside_is_a_name(transfer, folder, key):
    name = name_of(key)
    assert name == key
    before = set(folder.parent.rglob("*"))
    transfer.s3.put_object(Bucket=transfer.bucket, Key="in", Body=b"x")
    transfer.get({name: "in"}, folder)
    made = set(folder.parent.rglob("*")) - before
    assert all(folder in path.parents for path in made)
    assert (folder / name).read_bytes() == b"x"


PLANT = """
work=$1 elsewhere=$2 name=$3 input=$4 output=$5
if [ "$name" = planter ]; then
    for folder in local_input local_output local_scratch; do
        mv "$work/$folder" "$elsewhere/$folder.$$"; ln -s "$elsewhere" "$work/$folder"
    done
    ln -s "$elsewhere/kept" "$work/.busy-workers"
    exit 3
fi
readlink -f "$input" "$output" "$TMPDIR" > "$output/places"
"""


@pytest.fixture
def script(tmp_path_factory):
    """A function that writes a tool, in a folder that is not the worker's."""

    def write(text):
        path = tmp_path_factory.mktemp("tool") / "tool.sh"
        path.write_text(text)
        return path

    return write


@both_pythons
def test_what_one_job_s_tool_plants_no_later_job_follows(rig, script, elsewhere):
    """It puts links in the place of all that a worker makes or writes beside its jobs."""
    (elsewhere / "kept").write_text("kept")
    rig.put("in/a", b"input")
    command = f"sh {script(PLANT)} {rig.folder} {elsewhere} {{n}} {{input}} {{output}}"
    rig.send({"n": "planter"})
    rig.work(command, INPUT="in/", JOB_NAME="{n}")
    assert rig.results() == {}
    rig.send({"n": "other"})
    rig.work(command, INPUT="in/", JOB_NAME="{n}", ECS_AGENT_URI="http://127.0.0.1:9")
    places = rig.results()["results/other/places"].split()
    assert [Path(place).parent for place in places] == [
        rig.folder / f"local_{name}" for name in ("input", "output", "scratch")
    ]
    assert (elsewhere / "kept").read_text() == "kept"


def test_a_file_that_is_there_is_opened_and_read(folder):
    with safe_open.open_to_read(str(folder / "below" / "result")) as file:
        assert file.read() == b"result below"
        assert Path(safe_open.path_of(file, "x")).read_bytes() == b"result below"
