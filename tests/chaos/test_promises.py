"""Every scenario, small: nothing lost, nothing done twice without a fault, nothing left over."""

import os
import random

import pytest

from tests.chaos.page import Row
from tests.chaos.scenarios import SCENARIOS, Scene

# Another one each time: `CHAOS_SEED=7 pytest tests/chaos` plays the same faults again.
SEED = int(os.environ.get("CHAOS_SEED") or random.randrange(10_000))


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_promised_holds(name, moto, unique, tmp_path):
    if name == "full-disk" and os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    played = SCENARIOS[name](Scene(moto, unique, tmp_path, SEED, full=False))
    told = Row(name, "", SEED, played).told()
    print(f"{name}, seed {SEED}: {told}")
    assert played.verdict.kept, f"CHAOS_SEED={SEED}\n{told}"
    assert played.faults.total() > 0
