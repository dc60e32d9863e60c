"""What makeJobs writes is what submitJob reads: inside, as a table, as lines, as a matrix."""

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distributed_something.errors import UserError
from distributed_something.jobs.generate import job_file_writer
from distributed_something.jobs.generate.distinct_groups import DistinctGroups
from distributed_something.jobs.job_file import load_jobs


def read(path):
    return [group for _, group in load_jobs(path).groups()]


texts = st.text(st.characters(exclude_categories=[]), max_size=6)
keys = st.text(min_size=1, max_size=4).filter(lambda key: "_comment" not in key)
plain = st.lists(st.fixed_dictionaries({"Plate": texts, "Well": texts}), min_size=1, max_size=5)
wild = st.lists(
    st.dictionaries(keys, st.one_of(texts, st.integers(), st.booleans()), min_size=1, max_size=3),
    min_size=1,
    max_size=5,
)


@given(groups=st.one_of(plain, wild), most=st.sampled_from([0, 100]))
@settings(max_examples=200)
def test_groups_are_read_as_they_were_written(tmp_path_factory, groups, most):
    folder = tmp_path_factory.mktemp("jobs")
    inside, job_file_writer.MOST_INSIDE = job_file_writer.MOST_INSIDE, most
    try:
        written = job_file_writer.write_job_file(
            folder / "jobs.json", {"shared": "é\n"}, groups, len(groups), False
        )
    finally:
        job_file_writer.MOST_INSIDE = inside
    assert read(written[0]) == groups
    assert load_jobs(written[0]).shared == {"shared": "é\n"}
    assert sorted(folder.iterdir()) == sorted(written)


def many(count, value=str):
    return [{"Plate": "P1", "Site": value(number)} for number in range(count)]


def test_few_groups_stand_in_the_file_one_a_line(tmp_path):
    (path,) = job_file_writer.write_job_file(tmp_path / "new" / "jobs.json", {}, many(3), 3, False)
    assert path.read_text().count("\n") == 7
    assert read(path) == many(3)


@pytest.mark.parametrize(("value", "suffix"), [(str, ".csv"), (int, ".jsonl")])
def test_very_many_stand_in_a_table_beside_it(tmp_path, value, suffix):
    groups = many(job_file_writer.MOST_INSIDE + 1, value)
    path, table = job_file_writer.write_job_file(
        tmp_path / "jobs.json", {"a": "b"}, groups, len(groups), False
    )
    assert json.loads(path.read_text()) == {"a": "b", "groups": "jobs" + suffix}
    assert table == tmp_path / ("jobs" + suffix)
    assert read(path) == groups


def test_a_matrix_is_written_as_one(tmp_path):
    matrix = {"Plate": ["P1", "P2"], "Well": ["A01"]}
    path = job_file_writer.write_matrix(tmp_path / "jobs.json", {"a": "b"}, matrix, False)
    assert json.loads(path.read_text()) == {"a": "b", "groups": {"matrix": matrix}}


@pytest.mark.parametrize("name", ["jobs.json", "jobs.csv"])
def test_no_file_is_overwritten_unasked(tmp_path, name):
    (tmp_path / name).write_text("mine")
    groups = many(job_file_writer.MOST_INSIDE + 1)
    with pytest.raises(
        UserError, match=f"{name} is there already; name another file with --save, or .* --force"
    ):
        job_file_writer.write_job_file(tmp_path / "jobs.json", {}, groups, len(groups), False)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"
    job_file_writer.write_job_file(tmp_path / "jobs.json", {}, groups, len(groups), True)
    assert read(tmp_path / "jobs.json") == groups


def test_what_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="jobs.json: cannot be written"):
        job_file_writer.write_job_file(tmp_path / "file" / "jobs.json", {}, many(1), 1, False)


def test_a_failure_leaves_nothing_behind(tmp_path):
    def groups():
        yield from many(2)
        raise OSError(28, os.strerror(28))

    with pytest.raises(OSError, match="No space"):
        job_file_writer.write_job_file(tmp_path / "jobs.json", {}, groups(), 2, False)
    assert list(tmp_path.iterdir()) == []


def test_each_group_is_kept_once_in_order_with_how_often_it_came():
    with DistinctGroups() as found:
        for number in (2, 1, 2, 3, 2, 1):
            found.add({"n": number})
        assert list(found) == list(found) == [{"n": 2}, {"n": 1}, {"n": 3}]
        assert found.count == 3
        assert [(size.times, size.groups, size.example["n"]) for size in found.sizes()] == [
            (3, 1, 2),
            (2, 1, 1),
            (1, 1, 3),
        ]
