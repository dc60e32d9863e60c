"""One look at a run: observe, decide, act. `run.py monitor` does it in a loop, the Lambda once a call."""

from __future__ import annotations

from dataclasses import dataclass

from .aws import fleet, queue, service
from .aws.fleet import Fleet
from .aws.queue import Counts
from .aws.session import Aws
from .drain import Action, Decision, Memory, Observation, Patience, decide
from .runfile import RunFile


@dataclass(frozen=True)
class Look:
    """What one look showed, and what was decided from it. None: it does not exist."""

    counts: Counts | None
    fleet: Fleet | None
    machines: int
    decision: Decision


def step(
    aws: Aws, run_file: RunFile, memory: Memory, cheapest: bool, patience: Patience
) -> tuple[Look, Memory]:
    """Observe the run, decide, and resize the fleet where that was decided. Ending it is left to teardown."""
    url = queue.url_of(aws, run_file.queue_name)
    counts = queue.counts(aws, url) if url else None
    running = fleet_of(aws, run_file)
    machines = len(fleet.instances(aws, running.id)) if running else 0
    held = counts or Counts(0, 0, 0)
    decision, memory = decide(
        Observation(
            now=aws.clock.now(),
            waiting=held.visible + held.delayed,
            in_flight=held.in_flight,
            target=running.target if running else None,
            queue_exists=counts is not None,
        ),
        memory,
        cheapest,
        patience,
    )
    if decision.action is Action.RESIZE and running and decision.target is not None:
        fleet.resize(aws, running.id, decision.target)
    elif decision.action is Action.STRANDED:
        service.scale(aws, run_file.ecs_cluster, run_file.service_name, 0)
    return Look(counts, running, machines, decision), memory


def fleet_of(aws: Aws, run_file: RunFile) -> Fleet | None:
    """The run's live fleet: by its id, or by its tag when the id was never written down."""
    if not run_file.fleet_id:
        return next(iter(fleet.live_of(aws, run_file.app_name)), None)
    found = fleet.find(aws, run_file.fleet_id)
    return found if found and found.live else None
