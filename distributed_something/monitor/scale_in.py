"""Which machines may go when the jobs that are left need fewer: pure, like scaling_policy.py.

A machine is at work when one of its containers protects itself (task scale-in protection). A machine that is
not needed first takes no containers any more (DRAINING), and is ended when a later look shows none on it: in
between a job may still have come to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..aws.container_instances import ContainerInstance


@dataclass(frozen=True)
class ScaleIn:
    """What changes: container instances to drain or to open again, machines to end.

    ``kept``: machines that stay. ``draining``: whether some are left that only wait for their end.
    """

    drain: list[str]
    reopen: list[str]
    terminate: list[str]
    kept: int
    draining: bool


def plan_scale_in(hosts: list[ContainerInstance], needed: int, in_flight: int) -> ScaleIn | None:
    """What to let go so that ``needed`` machines stay, and all that are at work; None for nothing at all.

    Jobs in flight while no container is protected: the workers cannot protect themselves (an older image, or
    a role without ecs:UpdateTaskProtection), and nobody knows who works; then all stay.
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
