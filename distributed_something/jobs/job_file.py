"""Turns a job file into messages in the classic wire format, one per group, all checked before any is sent.

groups.py reads the groups; worker/protocol/placeholders.py defines placeholders.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator

from worker.protocol import placeholders
from worker.protocol.command_checks import check_job

from ..config.settings import Settings
from ..errors import UserError
from ..json_file import load_json
from .duplicate_names import DuplicateNames
from .groups import Group, Source, group_source

# SQS limits messages, and batches of messages, to 1 MiB:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
# Besides its body, each of ten messages has the app's name and at most the id of a dead-lettered message.
MESSAGE_LIMIT = 1024 * 1024 - 10 * 256
BATCH_MESSAGES = 10


@dataclass(frozen=True)
class JobFile:
    """A job file: the keys shared by all jobs, and the source of their groups."""

    path: Path
    shared: dict[str, Any]
    groups: Source

    def encoder(self) -> Callable[[Group], str]:
        """The function that encodes a group's message as ASCII JSON; it encodes the shared keys once."""
        beginning = json.dumps(self.shared)[:-1] + (", " if self.shared else "") + '"group": '
        return lambda group: beginning + json.dumps(group) + "}"

    def bodies(self) -> Iterator[str]:
        """The message of each job, in order."""
        encode = self.encoder()
        return (encode(group) for _, group in self.groups())


@dataclass(frozen=True)
class Checked:
    """The result of the first pass: number of jobs, total bytes, and the name of the first valid job."""

    jobs: int
    total_bytes: int
    first_name: str


def load_jobs(path: Path) -> JobFile:
    """Read the job file without its comments; groups are not read yet. Raises UserError."""
    raw = load_json(path, "job file")
    if not isinstance(raw, dict):
        raise UserError(f"{path}: a job file is one JSON object, {{...}}")
    document = {key: value for key, value in raw.items() if "_comment" not in key}
    if "groups" not in document:
        raise UserError(f"{path}: there is no 'groups'; it says what the jobs are")
    if "group" in document:
        raise UserError(f"{path}: the key 'group' holds the job's own group; call it something else")
    groups = document.pop("groups")
    return JobFile(path, document, group_source(groups, path))


def _refuse(problem: UserError) -> None:
    raise problem


def check_jobs(
    jobs: JobFile,
    settings: Settings,
    seen: Callable[[int], None] = lambda n: None,
    problem: Callable[[UserError], None] = _refuse,
) -> Checked:
    """Check every group: placeholders, names, sizes.

    ``seen`` is called with the number of jobs checked so far, ``problem`` with each mistake and its place;
    without it the first one is raised, as UserError. Memory does not grow with the number of jobs.
    """
    count = total = 0
    first_name = ""
    encode = jobs.encoder()
    with DuplicateNames() as names:
        for where, group in jobs.groups():
            body = encode(group)
            count += 1
            total += len(body)
            if len(body) > MESSAGE_LIMIT:
                problem(
                    UserError(
                        f"{where}: its message has {len(body):,} bytes; SQS takes {MESSAGE_LIMIT:,}. Put "
                        "long lists into a file in the bucket and name that"
                    )
                )
            try:
                name = _checked_name(where, {**jobs.shared, "group": group}, settings)
                first_name = first_name or name
            except UserError as error:
                problem(error)
                name = f"\0{count}"  # unlike any other
            names.add(name)
            seen(count)
        if not count:
            raise UserError(f"{jobs.path}: groups holds no job")
        repeated = names.first_repeated()
    if repeated:
        problem(UserError(_repeated_sentence(jobs, settings, *repeated)))
    return Checked(count, total, first_name)


def batches(numbered: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Group (job number, message) pairs into batches of at most 10 messages and 1 MiB."""
    batch: list[tuple[int, str]] = []
    size = 0
    for number, body in numbered:
        if batch and (len(batch) == BATCH_MESSAGES or size + len(body) > MESSAGE_LIMIT):
            yield batch
            batch, size = [], 0
        batch.append((number, body))
        size += len(body)
    if batch:
        yield batch


def _checked_name(where: str, message: dict[str, Any], settings: Settings) -> str:
    try:
        return check_job(message, settings.command, settings.input, settings.output, settings.job_name)
    except placeholders.PlaceholderError as error:
        raise UserError(f"{where}: {error}") from None


def _repeated_sentence(jobs: JobFile, settings: Settings, first: int, second: int) -> str:
    """Reads the file once more to name the two jobs that have the same name."""
    places: list[str] = []
    name = ""
    for number, (where, group) in enumerate(jobs.groups(), 1):
        if number in (first, second):
            places.append(where)
            name = _checked_name(where, {**jobs.shared, "group": group}, settings)
    return (
        f"{places[0]} and {places[-1]} have the same name {name!r}: one's results would overwrite the "
        "other's. Remove one of them, or let JOB_NAME of config.py name what differs"
    )
