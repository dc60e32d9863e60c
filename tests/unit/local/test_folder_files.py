"""The rehearsal's folder is the bucket: what AWS would hold is there, what is left out is listed."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from distributed_something.errors import UserError
from distributed_something.local.bucket_sync import BucketSync
from distributed_something.local.folder_files import PARTIAL, LeftOut, files_of

NOBODY = 65534


def put(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def keys(folder, left_out=None):
    return [key for _, key in files_of(folder, LeftOut() if left_out is None else left_out)]


def reasons(folder):
    """What is said of everything that is left out, and the keys."""
    left_out = LeftOut()
    found = keys(folder, left_out)
    return left_out.listed(), found


def test_files_are_the_bucket_s_however_their_names_begin(tmp_path):
    put(tmp_path, "b/c.csv", ".hidden", ".git/config", "._notes", "_x", "~a", "#b", "-rf", " c", "d ")
    assert keys(tmp_path) == sorted([".hidden", "._notes", "_x", "~a", "#b", "-rf", " c", "d "]) + [
        ".git/config",
        "b/c.csv",
    ]


def test_litter_of_the_system_is_left_out_by_its_whole_name(tmp_path):
    litter = [".DS_Store", "a/Thumbs.db", "a/Desktop.ini", ".Trashes/a", "$RECYCLE.BIN/a", "@eaDir/a"]
    put(tmp_path, *litter, "a/my.DS_Store", "thumbs.db.txt", ".Trashes2/a", PARTIAL.format("12-3"))
    (tmp_path / "._photo.tif").write_bytes(b"\x00\x05\x16\x07\x00\x02")
    said, found = reasons(tmp_path)
    assert found == ["thumbs.db.txt", ".Trashes2/a", "a/my.DS_Store"]
    assert said == (
        "'$RECYCLE.BIN', '.DS_Store', '.Trashes', '._photo.tif', '@eaDir', 'a/Desktop.ini', 'a/Thumbs.db' "
        "(of the operating system)"
    )


def test_links_are_followed_and_those_that_lead_nowhere_are_listed(tmp_path):
    folder, outside = tmp_path / "data", tmp_path / "outside"
    put(outside, "images/1.tif")
    put(folder, "a/1.csv")
    (folder / "file.tif").symlink_to(outside / "images" / "1.tif")
    (folder / "images").symlink_to(outside / "images")
    (folder / "dangling").symlink_to("nothing")
    (folder / "dangling2").symlink_to("a/1.csv/x")
    (folder / "itself").symlink_to("itself")
    (folder / "a" / "up").symlink_to("..")
    (folder / "a" / "here").symlink_to(".")
    said, found = reasons(folder)
    assert found == ["file.tif", "a/1.csv", "images/1.tif"]
    assert said == (
        "'itself' (a link that leads back to itself); 'a/here', 'a/up' (a link to a folder that it lies in); "
        "'dangling', 'dangling2' (a link to nothing)"
    )


def test_two_folders_that_link_to_each_other_end(tmp_path):
    put(tmp_path, "a/1", "b/2")
    (tmp_path / "a" / "b").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "a").symlink_to(tmp_path / "a")
    assert keys(tmp_path) == ["a/1", "a/b/2", "b/2", "b/a/1"]


def test_pipes_sockets_and_devices_are_not_waited_for(tmp_path):
    put(tmp_path, "good")
    os.mkfifo(str(tmp_path / "pipe"))
    (tmp_path / "zeros").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        said, found = reasons(tmp_path)
    assert (said, found) == ("'zeros' (a device); 'pipe' (a pipe); 'socket' (a socket)", ["good"])


def test_names_that_no_key_can_have_are_listed(tmp_path):
    deep = "/".join(["d" * 200] * 5)
    put(tmp_path, "\udcff.tif", "folder\udcff/a", f"{deep}/{'f' * 19}", f"{deep}/{'f' * 20}", "ü" * 120)
    said, found = reasons(tmp_path)
    assert found == ["ü" * 120, f"{deep}/{'f' * 19}"]
    assert said.count("(its name has more than 1,024 bytes)") == 1
    assert r"'folder\udcff', '\udcff.tif' (its name is not UTF-8)" in said


def test_a_tree_of_any_depth_is_walked(tmp_path):
    here = os.open(str(tmp_path), os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    said, found = reasons(tmp_path)
    assert (found, said.count("more than 1,024 bytes")) == ([], 1)
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_odd_names_are_keys(tmp_path):
    names = [
        "a\nb",
        "back\\slash",
        "tab\t",
        "\x1b[31m",
        "a b",
        "%41",
        "*",
        "é\u0301",
        "\u202e",
        "'\"",
        "A",
        "a",
    ]
    put(tmp_path, *names)
    assert keys(tmp_path) == sorted(names)


def test_of_very_many_the_first_are_named_and_the_others_counted(tmp_path):
    for number in range(25):
        (tmp_path / f"{number:02}").symlink_to("nothing")
    left_out = LeftOut()
    keys(tmp_path, left_out)
    assert left_out.sentence(Path("data")).startswith(
        "25 entries of data are not in the bucket that it stands"
    )
    assert left_out.sentence(Path("data")).endswith("'09' and 15 more (a link to nothing)")


def as_ordinary_user(folder, look):
    """What a function returns, as text, in a process of an ordinary user whose current folder is that one."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.chdir(str(folder))
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            os.write(writing, str(look()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text


def test_what_an_ordinary_user_may_not_read_is_listed(tmp_path):
    put(tmp_path, "good", "secret", "closed/a", "listed/b", "closed_inside/c/d")
    (tmp_path / "secret").chmod(0)
    (tmp_path / "closed").chmod(0)
    (tmp_path / "listed").chmod(0o444)
    (tmp_path / "closed_inside" / "c").chmod(0)
    tmp_path.chmod(0o755)
    try:
        told = as_ordinary_user(tmp_path, lambda: reasons(Path(".")))
    finally:
        for name in ("closed", "listed", "closed_inside/c"):
            (tmp_path / name).chmod(0o755)
    said = "'closed/', 'closed_inside/c/', 'listed/b', 'secret' (you may not read it)"
    assert told == str((said, ["good"]))


@pytest.mark.parametrize("mode", [0o000, 0o555, 0o333])
def test_a_folder_that_may_not_be_read_and_written_is_refused_before_the_run(tmp_path, mode):
    def look():
        with pytest.raises(UserError) as told:
            BucketSync(None, None, Path("data"), [], []).fill()
        return told.value

    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(mode)
    tmp_path.chmod(0o755)
    try:
        told = as_ordinary_user(tmp_path, look)
    finally:
        (tmp_path / "data").chmod(0o755)
    assert told == "--bucket data: you may not read and write this folder; name another one"
