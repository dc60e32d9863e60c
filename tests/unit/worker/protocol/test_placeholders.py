"""Templates of config.py filled in from a job: what is allowed, and that no value leaves its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.protocol.placeholders import PlaceholderError, fill, job_name, job_values, names, safe_prefix


def test_values_are_filled_in_and_doubled_braces_stay():
    assert fill("a/{x}-{y}/{{z}}", {"x": "1", "y": 2}) == "a/1-2/{z}"


@pytest.mark.parametrize(
    ("value", "text"), [("é ü", "é ü"), (3, "3"), (0.5, "0.5"), (True, "true"), ("", ""), ("{x}", "{x}")]
)
def test_text_and_numbers_are_values(value, text):
    assert fill("{x}", {"x": value}) == text


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, "a\0b"])
def test_anything_else_is_refused(value):
    with pytest.raises(PlaceholderError, match="the value of 'x'"):
        fill("{x}", {"x": value})


@pytest.mark.parametrize("template", ["{", "}", "{}", "{a{b}}", "{x!r}", "{!q}"])
def test_what_is_no_placeholder_is_told(template):
    with pytest.raises(PlaceholderError, match="is no placeholder; write {name}"):
        names(template)


def test_attributes_and_indices_cannot_be_reached():
    """str.format would: {x.__class__}."""
    with pytest.raises(PlaceholderError, match="has no key"):
        fill("{x.__class__}", {"x": "1"})


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_value_is_never_read_as_a_template(value):
    assert fill("<{x}>", {"x": value}) == f"<{value}>"


def test_a_missing_key_is_told_with_those_there_are():
    with pytest.raises(PlaceholderError, match="no key 'Plat' for {Plat}; it has: Plate, Well"):
        fill("{Plat}", {"Plate": 1, "Well": 2, "input": "x"})


def test_the_group_wins_over_the_shared_keys():
    assert job_values({"a": 1, "b": 1, "group": {"b": 2}}) == {"a": 1, "b": 2}


def test_a_name_joins_the_group_s_values_also_inside():
    assert (
        job_name("", {"shared": "x", "group": {"a": "P1", "b": {"c": 2, "d": ["w", True]}}}) == "P1-2-w-true"
    )
    assert job_name("{a}/{shared}", {"shared": "x", "group": {"a": "P1"}}) == "P1/x"


@pytest.mark.parametrize("place", ["/etc", "..", "a/../b", "a//b", ".", "a/./b", "a\nb", "a\\b", "x" * 1000])
def test_a_place_that_leaves_is_refused(place):
    with pytest.raises(PlaceholderError, match="OUTPUT"):
        safe_prefix(place)


@pytest.mark.parametrize("name", ["", "../x", "/x", "a\tb", "x" * 401])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(PlaceholderError, match="the job's name"):
        job_name("{n}", {"group": {"n": name}})


@given(st.text())
def test_every_prefix_that_is_taken_stays_under_its_root(place):
    try:
        prefix = safe_prefix(place)
    except PlaceholderError:
        return
    parts = prefix.rstrip("/").split("/")
    assert prefix == "" or (prefix.endswith("/") and not {"", ".", ".."} & set(parts))
