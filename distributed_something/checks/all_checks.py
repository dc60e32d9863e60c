"""Runs all checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Iterable, Iterator

from ..aws import instance_types, queue, service
from ..aws.ami import ami_variants
from ..aws.ecr import is_ecr
from ..aws.session import Aws
from ..aws.spot_prices import current_prices
from ..config.settings import Settings
from ..fleet import default_roles
from ..fleet.planner import plan_request
from . import buckets, capacity, command, image, job_file, network, roles, secrets, spot_prices
from .finding import Finding, gathered


def findings(
    aws: Aws,
    settings: Settings,
    fleet: Path | None,
    jobs: Path | None = None,
    inputs: bool = False,
    seen: Callable[[int], None] = lambda count: None,
) -> Iterator[Finding]:
    """Findings about config.py, the account, the fleet file and the job file, notes included.

    ``inputs``: look for every job's inputs. ``seen`` is called with the number of jobs checked so far.
    """
    told: set[Finding] = set()
    for one in _all(aws, settings, fleet, jobs if inputs else None, jobs, seen):
        if one not in told:  # the fleet file and config.py may lead to the same
            told.add(one)
            yield one


def _all(
    aws: Aws,
    settings: Settings,
    fleet: Path | None,
    inputs_of: Path | None,
    jobs: Path | None,
    seen: Callable[[int], None],
) -> Iterator[Finding]:
    types: list[instance_types.InstanceType] = []
    request: dict[str, Any] = {}

    def machines() -> Iterable[Finding]:
        ami_variants(aws, settings.machine_type)  # names the type that does not exist
        types.extend(instance_types.describe(aws, settings.machine_type))
        return capacity.findings(settings, types)

    def fleet_file() -> Iterable[Finding]:
        notes: list[str] = []
        if fleet is not None:
            config, notes = plan_request(aws, settings, fleet, "")
            request.update(config)
        return [Finding(note) for note in notes]

    yield from gathered("MACHINE_TYPE", machines)
    yield from gathered("The fleet file", fleet_file)
    if request:
        role = settings.task_role or default_roles.find_default_roles(aws).task
        yield from gathered("Roles", lambda: roles.findings(aws, request, role))
        yield from gathered(
            "The network", lambda: network.findings(aws, request, types, settings.cluster_machines)
        )
    for subject, look in _of_config(aws, settings, types):
        yield from gathered(subject, look)
    if jobs is not None:
        path = jobs
        yield from gathered("The job file", lambda: job_file.findings(path, settings, seen))
    if inputs_of is not None:
        where = inputs_of
        yield from gathered("The inputs", lambda: job_file.missing_inputs(aws, where, settings))


def _of_config(
    aws: Aws, settings: Settings, types: list[instance_types.InstanceType]
) -> Iterator[tuple[str, Callable[[], Iterable[Finding]]]]:
    """(subject, check) for what needs only config.py."""
    names = [one.name for one in types]
    if names:
        yield "Spot prices", lambda: spot_prices.compare_bid(settings, current_prices(aws, names))
        yield (
            "The quota of spot cores",
            lambda: spot_prices.compare_quota(settings, types, instance_types.spot_vcpu_quota(aws)),
        )
    yield "COMMAND", lambda: command.findings(settings)
    yield "Secrets", lambda: secrets.findings(settings)
    yield "The buckets", lambda: buckets.findings(aws, settings)
    if not is_ecr(settings.dockerhub_tag):
        wanted = {one.architecture for one in types}
        yield "The Docker image", lambda: image.findings(settings.dockerhub_tag, wanted)
    yield "The run", lambda: _made(aws, settings)


def _made(aws: Aws, settings: Settings) -> Iterator[Finding]:
    """Notes on what `setup` and `submitJob` have not created yet."""
    url = queue.find_url(aws, settings.sqs_queue_name)
    if url is None or service.find(aws, settings.ecs_cluster, settings.service_name) is None:
        yield Finding("setup has not been run yet, or config.py was changed since")
        return
    held = queue.get_counts(aws, url)
    if held and not held.total:
        yield Finding("The queue is empty: submitJob has not been run yet")
