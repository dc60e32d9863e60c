"""Ranges of job numbers: what --from takes, and what an interrupted submission prints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributed_something.errors import UserError
from distributed_something.jobs.job_numbers import JobNumbers, from_numbers


def test_a_single_number_means_from_there_on():
    wanted = JobNumbers.parse("1201")
    assert 1200 not in wanted
    assert 1201 in wanted
    assert 10**9 in wanted


def test_parts_are_taken_as_written():
    wanted = JobNumbers.parse("3,7-9,31-")
    assert [n for n in range(1, 34) if n in wanted] == [3, 7, 8, 9, 31, 32, 33]
    assert wanted.count(33) == 7


@pytest.mark.parametrize("text", ["", "0", "x", "-5", "3,", "1-2-3"])
def test_anything_else_is_refused(text):
    with pytest.raises(UserError, match="write the number of the first job"):
        JobNumbers.parse(text)


@given(st.sets(st.integers(1, 60)), st.one_of(st.none(), st.integers(61, 80)))
def test_what_is_missing_reads_back_as_the_same_numbers(numbers, onwards):
    ranges = from_numbers(numbers, onwards)
    missing = {n for n in range(1, 100) if n in numbers or (onwards and n >= onwards)}
    assert ranges.count(99) == len(missing)
    if missing:
        again = JobNumbers.parse(str(ranges))
        # A single number alone reads as "from there on", so it is written as a range.
        assert {n for n in range(1, 100) if n in again} == missing
