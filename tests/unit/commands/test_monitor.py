"""What the monitor says while it watches: not every look has a line, and nothing is left out."""

from distributed_something.aws.fleet import Fleet
from distributed_something.aws.queue import Counts
from distributed_something.commands.monitor import Lines
from distributed_something.monitor.scaling_policy import Action, Decision
from distributed_something.monitor.tick import Look


def look(waiting=0, machines=3, released=0):
    fleet = Fleet("sfr-1", "active", "fulfilled", 3, 3, "Plates")
    return Look(Counts(waiting, 1, 0), fleet, machines, Decision(Action.WAIT, "jobs are left"), released)


def test_a_machine_released_in_a_look_without_a_line_is_told_in_the_next():
    lines = Lines(between=1.0)
    assert lines.of(look(), 100.0).endswith("machines: 3 of 3")
    assert lines.of(look(machines=2, released=1), 100.5) is None
    assert lines.of(look(machines=1, released=1), 101.0).endswith(
        "1 of 3; 2 released: nothing left for them to do"
    )
    assert lines.of(look(machines=1), 102.0).endswith("machines: 1 of 3")


def test_a_line_that_does_not_change_is_repeated_after_ten_minutes_and_not_before():
    lines = Lines(between=0.0)
    said = [at for at in range(0, 1260, 60) if lines.of(look(waiting=5), 1000.0 + at)]
    assert said == [0, 600, 1200]


def test_two_lines_that_tell_of_a_release_each_are_both_said():
    lines = Lines(between=0.0)
    told = [lines.of(look(released=1), 1000.0 + at) for at in (0, 60)]
    assert all(line.endswith("3 of 3; 1 released: nothing left for them to do") for line in told)
