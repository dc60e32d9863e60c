"""Any config.py: a sentence with its place, or settings."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributed_something.config import loader
from distributed_something.config.settings import Settings
from distributed_something.errors import UserError
from distributed_something.jobs import job_numbers
from distributed_something.jobs.generate import plate_layout
from distributed_something.outcomes.attempt_log import attempts
from tests.unit.hostile.test_job_files import LEAST
from tests.unit.hostile.values import documents, folder, hostile, is_a_sentence, scalars, texts

NAMES = [name.upper() for name, field in Settings.__dataclass_fields__.items() if field.metadata]


class Strange:
    def __repr__(self):
        raise RuntimeError("no")


anything = st.one_of(
    scalars,
    documents,
    st.sampled_from([10**400, -(10**5000), float("inf"), b"bytes", {1}, object(), Strange(), ["m5.large"]]),
)


@hostile
@given(st.dictionaries(st.one_of(st.sampled_from(NAMES), texts), anything, max_size=4))
def test_any_values(variables):
    try:
        found = loader.settings_from({**LEAST, **variables}, "config.py")
    except UserError as error:
        is_a_sentence(error)
        return
    for value in found.environment.values():
        assert "\0" not in value
        value.encode("utf-8")
    json.dumps([str(getattr(found, name.lower())) for name in NAMES]).encode()


def load(content):
    with folder() as here:
        path = here / "config.py"
        path.write_bytes(content)
        return loader.load(path)


@hostile
@given(
    st.one_of(st.binary(), st.text(st.sampled_from("()[]{}-+*/=:,.'\"#\n\\ \t01\0\ufeffäab"))).map(
        lambda made: made if isinstance(made, bytes) else made.encode()
    )
)
def test_any_bytes(content):
    """What is no Python is told with its line; what is Python is the user's own program."""
    with pytest.raises(UserError) as told:  # APP_NAME is missing at least
        load(content)
    is_a_sentence(told.value)


LINES = "".join(f"{name} = {value!r}\n" for name, value in LEAST.items())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("MACHINE_PRICE = 10**400", "is out of range; write dollars an hour"),
        ("MEMORY = 10**5000", "is out of range; write MB"),
        ("TOOL = 10**5000", "TOOL cannot be passed to the tool"),
        ("x = " + "-" * 100_000 + "1", "this is no Python"),
        ("x = " + "(" * 1000 + ")" * 1000, "this is no Python"),
        ("TOOL = []\nfor _ in range(10000): TOOL = [TOOL]", "TOOL cannot be passed to the tool"),
        ("NECESSARY_STRING = '\\ud800'", "holds half a character"),
        ("TOOL = '\\ud800'", "TOOL holds half a character"),
        ("UPLOAD_FLAGS = '--content-type \"a\\rb\"'", "is not allowed: one line of text"),
        ("UPLOAD_FLAGS = '\"'", "is no list of flags (No closing quotation)"),
        ("class s:\n    def __repr__(self): 1/0\nMEMORY = s()", "MEMORY = <s> is no whole number"),
        ("def f(): return f()\nf()", "RecursionError"),
    ],
    ids=lambda text: text[:30],
)
def test_found_by_fuzzing(text, told):
    with pytest.raises(UserError) as error:
        load((LINES + text).encode())
    assert told in is_a_sentence(error.value)


def test_a_file_of_windows_notepad_is_read():
    assert load(b"\xef\xbb\xbf" + LINES.encode()).app_name == "App"


@hostile
@given(texts)
def test_any_range_and_layout(text):
    for read in (
        job_numbers.JobNumbers.parse,
        plate_layout.wells,
        lambda given: plate_layout.numbers(given, "--sites"),
        lambda given: plate_layout.well_names(given, "--plates"),
    ):
        try:
            read(text)
        except UserError as error:
            is_a_sentence(error)


@hostile
@given(st.one_of(texts, documents.map(json.dumps)), documents)
def test_any_line_of_the_ledger_is_an_attempt_or_passed_over(line, value):
    entry = {"job": value, "outcome": "SUCCESS", "attempt": value, "start": value, "tool_seconds": value}
    found = list(attempts([line, json.dumps(entry), "[" * 100_000]))
    assert all(isinstance(one.number, int) and isinstance(one.job, str) for one in found)
