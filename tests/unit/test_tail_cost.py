"""What the end of a run costs, in simulated time; tests/benchmarks/tail.py prints the whole table."""

import pytest

from tests.benchmarks.tail import KINDS, ratios


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("slots", [1, 4])
def test_paid_machine_time_is_under_a_tenth_above_the_useful_and_below_the_classic_rule_s(kind, slots):
    (ours,), (classic,) = ratios("ours", kind, slots, 1), ratios("classic", kind, slots, 1)
    assert ours < 1.1
    assert ours < classic
