"""Chooses machines to terminate when the remaining jobs need fewer. Pure, like scaling_policy.py.

A machine is busy if one of its containers has task scale-in protection. A machine that is not needed is first
set to DRAINING, so that it gets no new containers, and terminated once a later look shows no busy container
on it: in between, it may still have received a job.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..aws.container_instances import ContainerInstance


@dataclass(frozen=True)
class ScaleIn:
    """Container instances to drain or to reactivate, and machines to terminate.

    ``kept``: machines that stay. ``draining``: whether some machines are still draining.
    """

    drain: list[str]
    reopen: list[str]
    terminate: list[str]
    kept: int
    draining: bool


def plan_scale_in(hosts: list[ContainerInstance], needed: int, in_flight: int) -> ScaleIn | None:
    """What to release so that ``needed`` machines and all busy ones stay; None for no change at all.

    If jobs are in flight while no container is protected, the workers cannot protect themselves (an old
    image, or a role without ecs:UpdateTaskProtection). It is then unknown which are busy, so all stay.
    """
    at_work = [host for host in hosts if host.protected]
    if in_flight and not at_work:
        return None
    idle = [host for host in hosts if not host.protected]
    idle.sort(key=lambda host: (host.draining, -host.containers, host.instance))
    spare = max(0, needed - len(at_work))
    kept, surplus = at_work + idle[:spare], idle[spare:]
    return ScaleIn(
        drain=[host.container_instance for host in surplus if host.container_instance and not host.draining],
        reopen=[host.container_instance for host in kept if host.draining],
        terminate=[
            host.instance
            for host in surplus
            if host.containers == 0 and (host.draining or not host.container_instance)
        ],
        kept=len(kept),
        draining=any(host.container_instance for host in surplus),
    )
