"""Checks that the containers fit on a machine, and the limits of a job. Pure."""

from __future__ import annotations

from typing import Iterable, Iterator

from ..aws.instance_types import InstanceType
from ..config.settings import Settings
from .finding import Finding

_UNITS = 1024
_LONG_VISIBILITY = 1800


def registered_memory(total: int) -> int:
    """MiB of ``total`` that ECS gives to containers, without what the system reserves.

    A low estimate; measured were 15,574 of m5.xlarge's 15,576 and 7,587 of m5.large's 7,680.
    """
    return int(total * 0.975) - 400


def findings(settings: Settings, types: Iterable[InstanceType]) -> Iterator[Finding]:
    """Compares MEMORY and CPU_SHARES times TASKS_PER_MACHINE with each machine type."""
    each = settings.tasks_per_machine
    for one in types:
        there = registered_memory(one.memory)
        if settings.memory * each > there:
            yield Finding(
                f"{each} x MEMORY = {settings.memory * each:,} MB do not fit on {one.name}, which gives "
                f"{there:,} of its {one.memory:,} MB to containers",
                f"Lower MEMORY to {there // each:,} or less, or TASKS_PER_MACHINE, or take a larger machine",
            )
        elif settings.memory * each < there / 2:
            yield Finding(
                f"{one.name} gives {there:,} MB to containers, and {each} x MEMORY = "
                f"{settings.memory * each:,} use less than half: smaller machines would cost less"
            )
        cores = settings.cpu_shares * each / _UNITS
        if settings.cpu_shares * each > one.cores * _UNITS:
            yield Finding(
                f"{each} x CPU_SHARES = {settings.cpu_shares * each:,} are {cores:g} cores, and {one.name} "
                f"has {one.cores}",
                f"Lower CPU_SHARES to {one.cores * _UNITS // each:,} or less, or TASKS_PER_MACHINE, or take "
                "a larger machine",
            )
    if settings.docker_cores * _UNITS > settings.cpu_shares:
        yield Finding(
            f"DOCKER_CORES = {settings.docker_cores} copies of the tool share CPU_SHARES = "
            f"{settings.cpu_shares:,}, that is {settings.cpu_shares / _UNITS:g} cores"
        )
    if settings.check_if_done_bool and settings.expected_number_files == 0:
        yield Finding(
            "CHECK_IF_DONE_BOOL is 'True' and EXPECTED_NUMBER_FILES is 0: every job counts as done",
            "Write how many files a job leaves, or set CHECK_IF_DONE_BOOL to 'False'",
        )
    if settings.sqs_message_visibility > _LONG_VISIBILITY:
        yield Finding(
            f"SQS_MESSAGE_VISIBILITY = {settings.sqs_message_visibility:,}: so many seconds pass before the "
            "job of a machine that died is given to another; workers renew it, so a minute is enough for "
            "jobs of any length"
        )
    if not settings.command:
        yield Finding("COMMAND is empty: the image's own tool.py must make the command")
