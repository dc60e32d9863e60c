"""makeJobs' patterns: what they read in a file's name, that nothing is guessed, and what is told."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributed_something.errors import UserError
from distributed_something.jobs.generate.file_name_pattern import SHAPES, Nearest, ambiguous, parse_pattern


def values(pattern, key, kept=None):
    reading = parse_pattern(pattern).read(key, kept)
    assert reading.other is None
    return reading.values


@pytest.mark.parametrize(
    ("pattern", "key", "found"),
    [
        ("{Plate}/{Well}_{Site}.tif", "P1/A01_3.tif", {"Plate": "P1", "Well": "A01", "Site": "3"}),
        ("{Plate}/{Well}_{Site}_*.tif", "P1/A01_3_w1.tif", {"Plate": "P1", "Well": "A01", "Site": "3"}),
        ("{Name}", "a b é.tif", {"Name": "a b é.tif"}),
        ("**/{Name}.tif", "x/y/z.tif", {"Name": "z"}),
        ("**{Well:well}.tif", "x/y/B03.tif", {"Well": "B03"}),
        ("{Plate}/{Plate}_{Well}.tif", "P_1/P_1_A01.tif", {"Plate": "P_1", "Well": "A01"}),
        ("r{Row:number}c{Column:number}*.tif", "r01c12f3p4.tif", {"Row": "01", "Column": "12"}),
        ("{Plate}_{Well:well}_s{Site:number}*", "my_plate_AF48_s1.tif", None),
        ("img{Number:number}.tif", "img007.tif", {"Number": "007"}),
        ("{Plate}/{Word:word}*.tif", "P1/cells-1.tif", {"Plate": "P1", "Word": "cells"}),
    ],
)
def test_what_a_pattern_reads(pattern, key, found):
    if found is None:
        found = {"Plate": "my_plate", "Well": "AF48", "Site": "1"}
    assert values(pattern, key) == found


@pytest.mark.parametrize(
    ("pattern", "key"),
    [
        ("{Plate}/{Well}.tif", "A01.tif"),
        ("{Plate}/{Well}.tif", "P1/x/A01.tif"),  # a placeholder stays within a name
        ("{Plate}/*.tif", "P1/x/A01.tif"),
        ("{Plate}/{Well}.tif", "P1/.tif"),  # and stands for something
        ("{Well}.tif", "A01.tiff"),
        ("{Well}.tif", "A01.TIF"),
        ("{Plate}/{Plate}_{Well}.tif", "P1/P2_A01.tif"),
        ("{Well:well}.tif", "A99_.tif"),
        ("{Site:number}.tif", "s1.tif"),
        ("{a}.tif", ""),
    ],
)
def test_what_does_not_fit(pattern, key):
    assert values(pattern, key) is None


def test_what_can_be_read_in_two_ways_is_told_with_the_mend():
    key = "my_plate_A01.tif"
    reading = parse_pattern("{Plate}_{Well}.tif").read(key)
    told = str(ambiguous(key, reading))
    assert "Plate 'my', Well 'plate_A01'; or Plate 'my_plate', Well 'A01'" in told
    assert "{Well:well}" in told
    assert values("{Plate}_{Well:well}.tif", key) == {"Plate": "my_plate", "Well": "A01"}


def test_what_no_job_asks_for_may_be_read_in_any_way():
    assert values("{Well}/{a}_{b}.tif", "A01/x_y_z.tif", ["Well"]) == {"Well": "A01"}


def test_a_second_way_is_found_wherever_it_is():
    """Both ends agree here: the shortest and the longest reading are 'a', and one in between is not."""
    reading = parse_pattern("*_{A:word}_*").read("x_a_y_a_z")
    assert {reading.values["A"], reading.other["A"]} == {"a", "y"}


names = st.sampled_from(["Plate", "Well", "Site", "a b"])
literal = st.text(st.characters(exclude_characters="{}*", exclude_categories=["Cs"]), min_size=1, max_size=4)
value = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1, max_size=8)


@given(
    st.lists(st.tuples(names, literal), min_size=1, max_size=4),
    st.fixed_dictionaries(dict.fromkeys(("Plate", "Well", "Site", "a b"), value)),
    st.booleans(),
)
def test_what_was_filled_in_is_read_again_or_told_as_ambiguous(parts, filling, with_end):
    pattern = "".join(f"{{{name}}}{text}" for name, text in parts)
    key = "".join(filling[name] + text for name, text in parts)
    if with_end:
        last = parts[0][0]
        pattern, key = pattern + f"{{{last}}}", key + filling[last]
    reading = parse_pattern(pattern).read(key)
    assert reading.values is not None
    wanted = {name: filling[name] for name, _ in parts}
    if reading.other is None:
        assert reading.values == wanted
    for way in (reading.values, reading.other or reading.values):
        again = "".join(way[name] + text for name, text in parts) + (way[parts[0][0]] if with_end else "")
        assert again == key


@given(st.text(max_size=20), st.text(max_size=30))
def test_any_text_is_a_pattern_or_a_sentence(text, key):
    try:
        pattern = parse_pattern(text)
    except UserError as error:
        assert str(error).startswith("--pattern")
        return
    reading = pattern.read(key)
    for way in filter(None, (reading.values, reading.other)):
        assert list(way) == pattern.names
        assert all(way.values())


@given(st.sampled_from(sorted(SHAPES)), st.text())
def test_a_shape_has_one_end(shape, key):
    assert parse_pattern(f"{{x:{shape}}}").read(key).other is None


@pytest.mark.parametrize(
    "key", ["_" * 1024, "a_" * 500 + ".tif", "a_" * 500 + ".tiff", "x" * 1024], ids=["_", "many", "no", "x"]
)
def test_a_malicious_name_takes_no_long_time(key):
    """A regular expression would take hours: processor time is measured, not the clock of the wall."""
    begun = time.process_time()
    parse_pattern("{a}_{b}_{c}_{d}_{e}.tif").read(key)
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("", "has no placeholder"),
        ("images/*.tif", "has no placeholder; write for example {Plate}/{Well}_{Site}.tif"),
        ("{Plate", "a '{' without its partner"),
        ("Plate}", "a '}' without its partner"),
        ("{}/x", "is no placeholder"),
        ("{a/b}", "is no placeholder"),
        ("{Plate}{Well}.tif", "where {Plate} ends and {Well} begins cannot be seen"),
        ("{Well}*.tif", "where {Well} ends and * begins cannot be seen"),
        ("{Well:wells}.tif", "{Well:wells} is not known; it may be {Well:well}"),
        ("{job}.tif", "{job} is filled in by the worker itself; choose another name, for example {Job}"),
        ("{x_comment}", "keys with _comment in them are dropped"),
    ],
)
def test_a_wrong_pattern_is_told_with_the_mend(pattern, told):
    with pytest.raises(UserError) as error:
        parse_pattern(pattern)
    assert told in str(error.value)


def test_the_pattern_as_input_of_config():
    pattern = parse_pattern("{Plate}/{Well:well}_{Site}_w**.tif")
    assert pattern.template(["Plate", "Well"]) == "{Plate}/{Well}_*_w*.tif"
    assert parse_pattern("a/{x}").beginning == "a/"
    assert parse_pattern("{x}/a").beginning == ""


def test_the_nearest_are_those_that_fitted_furthest():
    pattern = parse_pattern("{Plate}/{Well}_{Site}.tif")
    nearest = Nearest(2)
    for key in ("readme", "P1/A01_1.png", "P1/A01", "P1/B01_1.tiff", "x"):
        nearest.add(key, pattern.read(key).depth)
    assert nearest.count == 5
    assert str(nearest) == "'P1/B01_1.tiff', 'P1/A01_1.png'"
