"""Wells, sites and plates as a person writes them on makeJobs' command line."""

import pytest

from distributed_something.errors import UserError
from distributed_something.jobs.generate import plate_layout


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A01", ["A01"]),
        ("A01-B02", ["A01", "A02", "B01", "B02"]),
        ("b3, A1", ["B3", "A1"]),
        ("A9-A11", ["A9", "A10", "A11"]),
        ("A01-A02,A02-A03", ["A01", "A02", "A03"]),
        ("Z01-AB01", ["Z01", "AA01", "AB01"]),
    ],
)
def test_wells(text, found):
    assert plate_layout.wells(text) == found


@pytest.mark.parametrize(("plate", "last"), [("96", "H12"), ("384", "P24"), ("1536", "AF48")])
def test_a_whole_plate(plate, last):
    found = plate_layout.wells(plate)
    assert (len(found), found[0], found[-1]) == (int(plate), "A01", last)


@pytest.mark.parametrize(
    "text", ["", "A", "01", "A0", "A49", "AG01", "A01-", "A01-H", "A001", "A01;B01", "48"]
)
def test_what_is_no_well_is_told(text):
    with pytest.raises(UserError, match="^--wells .*write "):
        plate_layout.wells(text)


def test_a_rectangle_that_runs_backwards_is_told():
    for text in ("B01-A02", "A02-B01"):
        with pytest.raises(UserError, match="runs backwards; write the upper left well first"):
            plate_layout.wells(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1-3", ["1", "2", "3"]),
        ("08-10,1", ["08", "09", "10", "1"]),
        ("s1-s2,s2", ["s1", "s2"]),
        ("f01-3", ["f01", "f02", "f03"]),
    ],
)
def test_numbers(text, found):
    assert plate_layout.numbers(text, "--sites") == found


@pytest.mark.parametrize("text", ["", "x", "1-", "3-1", "1-s3", "s1-t3", "1--3", "-1", "0-99999999"])
def test_what_is_no_range_is_told(text):
    with pytest.raises(UserError, match="^--sites"):
        plate_layout.numbers(text, "--sites")


def test_names_stay_as_they_are():
    assert plate_layout.well_names("P-1, plate 2,P-1", "--plates") == ["P-1", "plate 2"]
    with pytest.raises(UserError, match="--plates 'P1,': something is empty there"):
        plate_layout.well_names("P1,", "--plates")
