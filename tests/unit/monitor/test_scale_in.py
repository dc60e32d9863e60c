"""release.release: which machines go when fewer are needed."""

from hypothesis import given
from hypothesis import strategies as st

from distributed_something.aws.container_instances import ContainerInstance
from distributed_something.monitor.scale_in import plan_scale_in


def host(number, containers=1, protected=0, draining=False):
    return ContainerInstance(f"i-{number}", f"arn-{number}", containers, protected, draining)


def test_idle_machines_drain_first_and_end_when_nothing_runs_on_them():
    first = plan_scale_in([host(1, protected=1), host(2), host(3)], needed=1, in_flight=1)
    assert (first.drain, first.terminate, first.kept) == (["arn-2", "arn-3"], [], 1)
    then = [host(1, protected=1), host(2, 0, draining=True), host(3, 1, draining=True)]
    second = plan_scale_in(then, needed=1, in_flight=1)
    assert (second.drain, second.terminate) == ([], ["i-2"])


def test_machines_at_work_stay_even_when_fewer_would_do():
    """Four jobs of eight slots: two would do, but all four machines have one."""
    todo = plan_scale_in([host(n, protected=1) for n in range(4)], needed=2, in_flight=4)
    assert (todo.drain, todo.terminate, todo.kept) == ([], [], 4)


def test_workers_that_cannot_protect_themselves_are_never_taken_for_idle():
    assert plan_scale_in([host(1), host(2)], needed=1, in_flight=2) is None


def test_a_machine_that_never_joined_the_cluster_goes_first():
    todo = plan_scale_in([host(1, protected=1), host(2), ContainerInstance("i-3")], needed=2, in_flight=2)
    assert (todo.terminate, todo.drain, todo.kept) == (["i-3"], [], 2)


def test_a_draining_machine_is_opened_again_when_it_is_needed():
    todo = plan_scale_in([host(1, protected=1), host(2, 0, draining=True)], needed=2, in_flight=3)
    assert (todo.reopen, todo.terminate, todo.draining) == (["arn-2"], [], False)


hosts = st.builds(
    lambda containers, protected, draining: (containers, min(containers, protected), draining),
    st.integers(0, 3),
    st.integers(0, 3),
    st.booleans(),
)


@given(st.lists(hosts, max_size=12), st.integers(1, 12), st.integers(0, 20))
def test_nothing_at_work_ends_and_enough_stay(drawn, needed, in_flight):
    there = [host(number, *one) for number, one in enumerate(drawn)]
    todo = plan_scale_in(there, needed, in_flight)
    if todo is None:
        return
    working = {one.instance for one in there if one.protected}
    drained = {one.instance for one in there if one.container_instance in todo.drain}
    gone = (
        set(todo.terminate)
        | drained
        | {
            one.instance
            for one in there
            if one.draining
            and one.instance not in {h.instance for h in there if h.container_instance in todo.reopen}
        }
    )
    assert not working & (set(todo.terminate) | drained)
    assert len(there) - len(gone - working) >= min(needed, len(there))
    assert all(one.containers == 0 for one in there if one.instance in todo.terminate)
