"""drain.decide: what the monitor does after each observation."""

import json

from hypothesis import given
from hypothesis import strategies as st

from distributed_something.monitor.scaling_policy import (
    CHEAPEST_AFTER_SECONDS,
    Action,
    Capacity,
    MonitorState,
    Observation,
    Patience,
    decide,
)

START = 1_000_000.0


def seen(after, waiting=0, in_flight=0, target=3, queue_exists=True):
    return Observation(START + after, waiting, in_flight, target, queue_exists)


def actions(observations, cheapest=False):
    """The actions decided on, one observation after the other."""
    state, found = MonitorState(started=START), []
    for observation in observations:
        decision, state = decide(observation, state, cheapest)
        found.append(decision.action)
    return found


def test_a_single_zero_reading_is_not_believed():
    assert actions([seen(60)]) == [Action.WAIT]


def test_zeros_in_a_row_over_more_than_a_minute_end_the_run():
    assert actions([seen(60), seen(120), seen(180), seen(240)])[-1] is Action.FINISH


def test_many_zeros_within_a_minute_do_not_end_the_run():
    assert set(actions([seen(second) for second in range(60)])) == {Action.WAIT}


def test_one_job_in_between_starts_the_counting_anew():
    readings = [seen(60), seen(120), seen(180, in_flight=1), seen(240), seen(300), seen(360)]
    assert set(actions(readings)) == {Action.WAIT}


def test_jobs_in_flight_alone_keep_the_run_going():
    assert set(actions([seen(60 * n, in_flight=1, target=1) for n in range(20)])) == {Action.WAIT}


def test_a_queue_that_is_gone_ends_the_run_at_once():
    assert actions([seen(60, queue_exists=False)]) == [Action.FINISH]


def test_an_empty_queue_without_a_fleet_ends_the_run():
    assert actions([seen(60 * n, target=None) for n in range(1, 5)])[-1] is Action.FINISH


def test_jobs_without_a_fleet_are_told_of_after_several_readings():
    found = actions([seen(60 * n, waiting=5, target=None) for n in range(1, 5)])
    assert found == [Action.WAIT, Action.WAIT, Action.WAIT, Action.STRANDED]


TEN = Capacity(machines=10, jobs_each=2)


def minutes(*readings, target=10, cheapest=False):
    """The decision after these (waiting, in flight) readings, a minute apart."""
    state = MonitorState(started=START)
    for at, (waiting, in_flight) in enumerate(readings, start=1):
        one = seen(60 * at, waiting, in_flight, target)
        decision, state = decide(one, state, cheapest, capacity=TEN)
    return decision


def test_the_target_follows_the_jobs_that_are_left():
    decision = minutes(*[(0, 5)] * 4)
    assert (decision.action, decision.target, decision.needed) == (Action.RESIZE, 3, 3)


def test_one_low_reading_shrinks_nothing():
    assert minutes((20, 20), (20, 20), (20, 20), (0, 1)).action is Action.WAIT


def test_the_first_readings_shrink_nothing():
    assert minutes((0, 1), (0, 1), (0, 1)).action is Action.WAIT


def test_jobs_that_come_later_let_the_fleet_grow_again_up_to_its_first_size():
    decision = minutes((0, 2), (0, 2), (0, 2), (0, 2), (100, 2), target=1)
    assert (decision.action, decision.target) == (Action.RESIZE, 10)


def test_a_classic_monitor_file_never_lets_the_fleet_grow():
    state = MonitorState(started=START)
    for at in range(1, 6):
        decision, state = decide(seen(60 * at, 100, 2, target=2), state)
    assert decision.action is Action.WAIT


def test_cheapest_mode_lets_the_target_fall_to_one_after_fifteen_minutes():
    before, _ = decide(seen(CHEAPEST_AFTER_SECONDS - 1, waiting=50), MonitorState(START), cheapest=True)
    after, _ = decide(seen(CHEAPEST_AFTER_SECONDS, waiting=50), MonitorState(START), cheapest=True)
    assert before.action is Action.WAIT
    assert (after.action, after.target) == (Action.RESIZE, 1)


def test_memory_survives_being_written_down():
    _, state = decide(seen(60), MonitorState(started=START))
    assert MonitorState.from_dict(json.loads(json.dumps(state.to_dict()))) == state


observations = st.builds(
    Observation,
    now=st.floats(START, START + 1e6),
    waiting=st.integers(0, 100),
    in_flight=st.integers(0, 100),
    target=st.one_of(st.none(), st.integers(0, 100)),
)


@given(st.lists(observations, max_size=30), st.booleans(), st.integers(0, 50), st.integers(1, 8))
def test_no_sequence_of_readings_ends_a_run_with_jobs_or_starves_or_bloats_it(
    sequence, cheapest, machines, each
):
    state = MonitorState(started=START)
    for observation in sorted(sequence, key=lambda one: one.now):
        decision, state = decide(observation, state, cheapest, Patience(2, 5), Capacity(machines, each))
        left = observation.waiting + observation.in_flight
        if left:
            assert decision.action is not Action.FINISH
        if decision.action is Action.RESIZE:
            assert 1 <= decision.target <= max(observation.target, machines)
            assert cheapest or decision.target * each >= min(left, (machines or observation.target) * each)
        assert MonitorState.from_dict(json.loads(json.dumps(state.to_dict()))) == state
