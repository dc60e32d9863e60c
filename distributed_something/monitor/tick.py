"""One look at a run: observe, decide, act. Called by `run.py monitor` in a loop, by the Lambda once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..aws import alarms, container_instances, fleet, instances, queue, service
from ..aws.fleet import Fleet
from ..aws.queue import Counts
from ..aws.session import Aws
from ..run.monitor_file import MonitorFile
from . import scale_in
from .scaling_policy import Action, Capacity, Decision, MonitorState, Observation, Patience, decide

# How often the alarms of terminated machines are removed.
ALARM_SWEEP_SECONDS = 3600.0


@dataclass(frozen=True)
class Look:
    """What one look showed and what was done. None: does not exist.

    ``released``: machines terminated because nothing is left for them to do.
    """

    counts: Counts | None
    fleet: Fleet | None
    machines: int
    decision: Decision
    released: int = 0


def tick(
    aws: Aws, run_file: MonitorFile, state: MonitorState, cheapest: bool, patience: Patience
) -> tuple[Look, MonitorState]:
    """Observe the run, decide, and resize it if decided. shutdown.py ends it."""
    url = queue.find_url(aws, run_file.queue_name)
    counts = queue.get_counts(aws, url) if url else None
    running = find_fleet(aws, run_file)
    instances = fleet.instance_ids(aws, running.id) if running else []
    held = counts or Counts(0, 0, 0)
    now = aws.clock.now()
    decision, state = decide(
        Observation(
            now=now,
            waiting=held.visible + held.delayed,
            in_flight=held.in_flight,
            target=running.target if running else None,
            queue_exists=counts is not None,
        ),
        state,
        cheapest,
        patience,
        Capacity(run_file.cluster_machines, run_file.jobs_each),
    )
    released = 0
    if running and decision.action in (Action.RESIZE, Action.WAIT):
        if decision.target is not None and running.state == "active":  # EC2 refuses it in any other
            fleet.resize(aws, running.id, decision.target)
        if run_file.tasks_per_machine:  # a monitor file of the classic toolkit says too little
            look_at = _Machines(instances, running.target, held.in_flight, decision.needed)
            released, draining = _let_go(aws, run_file, look_at, state.draining)
            state = replace(state, draining=draining)
    elif decision.action is Action.STRANDED:
        service.scale(aws, run_file.ecs_cluster, run_file.service_name, 0)
    if now - (state.alarms_swept or state.started) >= ALARM_SWEEP_SECONDS:
        alarms.delete(aws, alarms.alarms_of_terminated(aws, run_file.app_name, instances))
        state = replace(state, alarms_swept=now)
    return Look(counts, running, len(instances) - released, decision, released), state


def find_fleet(aws: Aws, run_file: MonitorFile) -> Fleet | None:
    """The run's live fleet, by its id, or by its tag if the id was never saved."""
    if not run_file.fleet_id:
        return next(iter(fleet.find_live(aws, run_file.app_name)), None)
    found = fleet.find(aws, run_file.fleet_id)
    return found if found and found.live else None


@dataclass(frozen=True)
class _Machines:
    """The fleet's running machines, its target, the jobs in flight, the machines needed (None: all)."""

    instances: list[str]
    target: int
    in_flight: int
    needed: int | None


def _let_go(aws: Aws, run_file: MonitorFile, seen: _Machines, draining: bool) -> tuple[int, bool]:
    """Release machines that the remaining jobs do not need, and lower the service's count with them.

    Returns how many were terminated, and whether some are draining. A fleet replaces machines below its
    target, so machines are terminated only once the target is as low.
    """
    run = run_file
    needed = run.cluster_machines if seen.needed is None else min(seen.needed, run.cluster_machines)
    todo = None
    if len(seen.instances) > needed or draining:
        there = container_instances.describe_instances(
            aws, run.ecs_cluster, run.app_name, run.service_name, seen.instances
        )
        todo = scale_in.plan_scale_in(there, needed, seen.in_flight)
    if todo is None:
        wanted = max(needed, len(seen.instances))
        service.scale(aws, run.ecs_cluster, run.service_name, wanted * run.tasks_per_machine)
        return 0, draining
    container_instances.set_draining(aws, run.ecs_cluster, todo.drain, True)
    container_instances.set_draining(aws, run.ecs_cluster, todo.reopen, False)
    wanted = max(needed, todo.kept)
    service.scale(aws, run.ecs_cluster, run.service_name, wanted * run.tasks_per_machine)
    if not todo.terminate or seen.target > len(seen.instances) - len(todo.terminate):
        return 0, todo.draining
    instances.terminate(aws, todo.terminate)
    return len(todo.terminate), todo.draining
