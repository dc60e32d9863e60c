"""Job file -> messages: the wire format, the forms of groups, and what is told of each mistake."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributed_something.config import loader
from distributed_something.errors import UserError
from distributed_something.jobs.job_file import MESSAGE_LIMIT, batches, check_jobs, load_jobs

LEAST = {"APP_NAME": "App", "DOCKERHUB_TAG": "me/tool:1", "AWS_BUCKET": "my-bucket"}


def settings(**variables):
    return loader.settings_from({**LEAST, **variables}, "config.py")


@pytest.fixture
def write(tmp_path):
    def write(content, name="job.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def bodies(path):
    return [json.loads(body) for body in load_jobs(path).bodies()]


def mistake(path, **variables):
    with pytest.raises(UserError) as told:
        check_jobs(load_jobs(path), settings(**variables))
    return str(told.value).replace(str(path.parent) + "/", "")


def test_a_message_is_the_shared_keys_and_the_group(write):
    path = write(
        {
            "_comment1": "dropped",
            "input": "in",
            "groups": [{"Plate": "P1", "_comment": "dropped"}, {"Plate": "P2"}],
        }
    )
    assert bodies(path) == [
        {"input": "in", "group": {"Plate": "P1"}},
        {"input": "in", "group": {"Plate": "P2"}},
    ]


def test_without_shared_keys_a_message_is_the_group_alone(write):
    assert bodies(write({"groups": [{"a": 1}]})) == [{"group": {"a": 1}}]


def test_a_table_has_a_group_a_row(write):
    write('Plate,Well\r\nP1,A01\r\n\r\nP1,"A, 02"\r\n', "groups.csv")
    assert bodies(write({"groups": "groups.csv"})) == [
        {"group": {"Plate": "P1", "Well": "A01"}},
        {"group": {"Plate": "P1", "Well": "A, 02"}},
    ]


def test_a_table_of_a_spreadsheet_with_its_byte_order_mark_is_read(write):
    write("\ufeffPlate\tWell\nP1\tA01\n", "groups.tsv")
    assert bodies(write({"groups": "groups.tsv"})) == [{"group": {"Plate": "P1", "Well": "A01"}}]


def test_lines_of_json_have_a_group_each(write):
    write('{"a": 1}\n\n{"a": {"b": [1]}}\n', "groups.jsonl")
    assert bodies(write({"groups": "groups.jsonl"})) == [{"group": {"a": 1}}, {"group": {"a": {"b": [1]}}}]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_job_file_of_notepad_is_read(tmp_path, encoding):
    path = tmp_path / "job.json"
    path.write_bytes('{"groups": [{"a": "größe"}]}'.encode(encoding))
    assert bodies(path) == [{"group": {"a": "größe"}}]


def test_a_job_file_in_another_encoding_is_refused_with_the_line(tmp_path):
    path = tmp_path / "job.json"
    path.write_bytes('{"groups":\r\n [{"a": "größe"}]}'.encode("cp1252"))
    assert mistake(path) == "job.json, line 2: is not in UTF-8; save the job file in UTF-8"


def test_a_matrix_is_every_combination(write):
    path = write({"groups": {"matrix": {"Plate": ["P1", "P2"], "Well": [1, 2, 3]}}})
    assert [tuple(body["group"].values()) for body in bodies(path)] == [
        ("P1", 1),
        ("P1", 2),
        ("P1", 3),
        ("P2", 1),
        ("P2", 2),
        ("P2", 3),
    ]


def test_the_first_pass_counts(write):
    checked = check_jobs(load_jobs(write({"groups": [{"a": "x"}, {"a": "y"}]})), settings())
    assert (checked.jobs, checked.total_bytes, checked.first_name) == (
        2,
        2 * len('{"group": {"a": "x"}}'),
        "x",
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"groups": [}', "job.json, line 1, column 13: this is no JSON"),
        ("", "job.json, line 1, column 1: this is no JSON"),
        ("[]", "job.json: a job file is one JSON object"),
        ({"a": 1}, "job.json: there is no 'groups'"),
        ({"groups": []}, "job.json: groups is an empty list"),
        ({"groups": 5}, "job.json: groups must be a list of objects"),
        ({"groups": "groups.txt"}, "groups names 'groups.txt'; it must end in .csv, .tsv or .jsonl"),
        ({"groups": "wells.XLSX"}, "'wells.XLSX', which is a spreadsheet; save it as CSV"),
        ({"groups": "missing.csv"}, "missing.csv: cannot be read: No such file"),
        ({"groups": [{"a": 1}, "b"]}, "job.json, group 2: is no object"),
        ({"groups": [{}]}, "job.json, group 1: is empty"),
        ({"groups": {"matrix": {}}}, "matrix must be an object of lists"),
        ({"groups": {"matrix": {"a": []}}}, "matrix.a must be a list with at least one value"),
        ({"groups": {"matrix": {"a": "x"}}}, "matrix.a must be a list with at least one value"),
        ({"group": {}, "groups": [{"a": 1}]}, "the key 'group' holds the job's own group"),
        ('{"a": 1, "a": 2, "groups": []}', "the key 'a' stands twice"),
        ('{"groups": [{"a": NaN}]}', "NaN, which is no JSON value"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_job_file_s_mistake_is_told_with_its_place(write, content, told):
    assert told in mistake(write(content))


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("Plate,Well\nP1,A01\nP2\n", "groups.csv, line 3: has 1 cell, but the header has 2 (Plate, Well)"),
        ("Plate,Well\nP1,A01,x\n", "groups.csv, line 2: has 3 cells"),
        ("", "groups.csv: is empty; its first line must name the columns"),
        ("Plate,Plate\nP1,P1\n", "groups.csv, line 1: the column 'Plate' stands twice"),
        ("Plate,\nP1,P1\n", "groups.csv, line 2: 'P1' stands in column 2, which has no name"),
        ('Plate\n"P1\n', "groups.csv, line 2: "),
        ("Plate\n", "groups.csv: holds no row below its header"),
    ],
)
def test_a_table_s_mistake_is_told_with_its_line(write, table, told):
    write(table, "groups.csv")
    assert told in mistake(write({"groups": "groups.csv"}))


def test_a_wrong_line_of_json_is_told_with_its_line(write):
    write('{"a": 1}\n{"a": \n', "groups.jsonl")
    assert "groups.jsonl, line 2, column 6: this is no JSON" in mistake(write({"groups": "groups.jsonl"}))


def test_an_oversize_message_is_found_before_anything_is_sent(write):
    path = write({"groups": [{"a": "x"}, {"a": "y", "b": "z" * MESSAGE_LIMIT}]})
    assert "job.json, group 2: its message has 1,0" in mistake(path, JOB_NAME="{a}")


def test_two_jobs_of_one_name_are_refused_with_both_places(write):
    path = write({"groups": [{"a": "x"}, {"a": "y"}, {"a": "x"}]})
    assert mistake(path).startswith("job.json, group 1 and ")
    assert "group 3 have the same name 'x'" in mistake(path)


def test_a_missing_key_of_command_input_or_output_is_found_before_anything_is_sent(write):
    path = write({"groups": [{"a": "x"}, {"b": "y"}]})
    told = "job.json, group 2: the job has no key 'a' for {a}; it has: b"
    for variable in ("COMMAND", "INPUT", "OUTPUT"):
        assert mistake(path, **{variable: "tool {a}" if variable == "COMMAND" else "tool/{a}"}) == told


def test_a_place_that_leaves_the_bucket_is_found_before_anything_is_sent(write):
    path = write({"groups": [{"a": "../../etc/passwd"}]})
    assert "would leave its folder" in mistake(path, JOB_NAME="job", OUTPUT="{a}")
    assert "would leave its folder" in mistake(path)


@given(st.lists(st.integers(1, MESSAGE_LIMIT // 2), max_size=40))
def test_batches_keep_order_and_limits(sizes):
    numbered = [(number, "x" * size) for number, size in enumerate(sizes, 1)]
    made = list(batches(numbered))
    assert [pair for batch in made for pair in batch] == numbered
    for batch in made:
        assert 1 <= len(batch) <= 10
        assert sum(len(body) for _, body in batch) <= MESSAGE_LIMIT


def test_a_first_job_that_is_wrong_gives_the_file_no_name(write):
    problems = []
    path = write({"groups": [{"m": 1}, {"n": 2}]})
    checked = check_jobs(load_jobs(path), settings(COMMAND="tool {n}"), problem=problems.append)
    assert (len(problems), checked.first_name) == (1, "2")
