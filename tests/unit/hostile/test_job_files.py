"""Any job file: a sentence, or jobs that the worker takes as they are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributed_something.config import loader
from distributed_something.errors import UserError
from distributed_something.jobs import job_file
from tests.unit.hostile.values import (
    AWKWARD,
    documents,
    folder,
    hostile,
    is_a_sentence,
    is_finite,
    nested,
    scalars,
    texts,
    written,
)
from worker import default_tool
from worker import job as worker_job
from worker.settings import Environment

LEAST = {"APP_NAME": "App", "DOCKERHUB_TAG": "me/tool:1", "AWS_BUCKET": "my-bucket"}
WRAPPINGS = [
    {"COMMAND": "tool"},
    {"COMMAND": "tool {a} --b={b}", "INPUT": "in/{a}", "OUTPUT": "out/{b}", "JOB_NAME": "{a}"},
    {"COMMAND": "sh -c 'echo {a!q} \"{b!q}\" > {output}/x'", "INPUT": ["{a}*", "{b}/"]},
]
SETTINGS = [loader.settings_from({**LEAST, **one}, "config.py") for one in WRAPPINGS]


def environment(settings):
    """What a worker of these settings knows."""
    unimportant = dict.fromkeys(Environment.__dataclass_fields__, "")
    return Environment(
        **{
            **unimportant,
            "source_bucket": settings.source_bucket,
            "cores": 1,
            "command": settings.command,
            "inputs": settings.input,
            "output": settings.output,
            "job_name": settings.job_name,
        }
    )


def try_file(path, settings):
    """A sentence; or each message is JSON of the file's group, and a worker can begin with it."""
    try:
        file = job_file.load_jobs(path)
        checked = job_file.check_jobs(file, settings)
    except UserError as error:
        is_a_sentence(error)
        return
    bodies = list(file.bodies())
    assert len(bodies) == checked.jobs > 0
    for body, (_, group) in zip(bodies, file.groups()):
        message = json.loads(body)
        assert message == {**file.shared, "group": group}
        assert is_finite(message)
        assert len(body) <= job_file.MESSAGE_LIMIT
        try_job(body, settings)


def try_job(body, settings):
    """What submitJob has taken, a worker takes: its name, places and arguments, none of them by a shell."""
    job = worker_job.parse(body, 1, environment(settings), None)
    job.place(job=default_tool.name(job))
    job.name.encode("utf-8")
    assert not {"", ".", ".."} & set(job.name.split("/"))
    assert ".." not in default_tool.output(job).split("/")
    job.place(input="/in", output="/out")
    for pattern in default_tool.inputs(job):
        assert not pattern.prefix.startswith("/")
    argv, environ = default_tool.command(job)
    assert len(argv) == {"tool": 1, "sh": 3}.get(argv[0], 3) or settings is SETTINGS[1] and len(argv) == 3
    assert all("\0" not in text for text in [*argv, *environ.values()])
    for text in [*argv, *environ.values()]:
        text.encode("utf-8")


groups = st.one_of(
    documents,
    st.lists(st.dictionaries(st.one_of(st.sampled_from("ab"), texts), scalars, max_size=4), max_size=4),
    st.fixed_dictionaries({"matrix": st.dictionaries(texts, st.lists(scalars, max_size=3), max_size=3)}),
    st.sampled_from(AWKWARD).map(lambda text: text + ".csv"),
)
shared = st.dictionaries(
    st.one_of(st.sampled_from(["a", "b", "group", "_comment"]), texts), documents, max_size=3
)


@hostile
@given(groups, shared, st.sampled_from(SETTINGS))
def test_any_json(groups, shared, settings):
    with folder() as here:
        path = here / "job.json"
        path.write_text(written({**shared, "groups": groups}), encoding="utf-8")
        try_file(path, settings)


@hostile
@given(st.one_of(st.binary(), texts.map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes(content):
    with folder() as here:
        path = here / "job.json"
        path.write_bytes(content)
        try_file(path, SETTINGS[0])


cell = st.one_of(texts, st.sampled_from(['"', '""', ",", "\t", ";"]))
tables = st.one_of(
    st.binary(),
    st.lists(st.lists(cell, max_size=4), max_size=4).map(
        lambda rows: "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass")
    ),
    st.lists(documents, max_size=3).map(lambda rows: "\n".join(map(written, rows)).encode()),
)


@hostile
@given(tables, st.sampled_from(["groups.csv", "groups.tsv", "groups.jsonl"]), st.sampled_from(SETTINGS))
def test_any_table(content, name, settings):
    with folder() as here:
        (here / name).write_bytes(content)
        path = here / "job.json"
        path.write_text(json.dumps({"groups": name}))
        try_file(path, settings)


def mistake(content, settings=SETTINGS[0], **tables):
    with folder() as here:
        for name, text in tables.items():
            (here / f"{name}.csv").write_text(text, encoding="utf-8")
        path = here / "job.json"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(UserError) as told:
            job_file.check_jobs(job_file.load_jobs(path), settings)
        return is_a_sentence(told.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            '{"groups": [{"a": 1e999}]}',
            "holds 1e999, which is no number that every program could read; write",
        ),
        (f'{{"groups": [{{"a": {"9" * 5000}}}]}}', "is no number that every program could read"),
        (f'{{"groups": [{{"a": {nested(500)}}}]}}', "nested too deeply"),
        (f'{{"shared": {nested(500)}, "groups": [{{"a": 1}}]}}', "nested too deeply"),
        ('{"groups": "a\\u0000.csv"}', "cannot be read"),
        ('{"groups": "\\ud800.csv"}', "cannot be read"),
        ('{"groups": [{"a": "\\ud800"}]}', "holds half a character"),
    ],
    ids=["infinite", "long number", "deep group", "deep shared", "NUL in a name", "no name", "half"],
)
def test_found_by_fuzzing(content, told):
    assert told in mistake(content)


def test_half_a_character_in_an_argument_is_refused():
    assert "holds half a character" in mistake('{"groups": [{"a": "\\ud800", "b": 1}]}', SETTINGS[1])


def test_a_comment_may_stand_in_a_matrix():
    with folder() as here:
        path = here / "job.json"
        path.write_text('{"groups": {"matrix": {"_comment": "all plates", "a": [1, 2]}}}')
        assert [group for _, group in job_file.load_jobs(path).groups()] == [{"a": 1}, {"a": 2}]
