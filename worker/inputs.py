"""Turns INPUT of config.py into the objects to download, and their names in the input folder.

A name never leaves the folder, and '*' is a wildcard only in config.py: one
in a value of a job is an ordinary character.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Iterator, Sequence, Union

from worker.attempt_record import INPUT_PROBLEM, JobProblem
from worker.protocol.placeholders import input_place, refuse_half, refuse_outside

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# Represents a wildcard while a template is filled in; no value contains it (fill refuses it).
_WILDCARD = "\0"


@dataclass(frozen=True)
class Pattern:
    """A key, a folder (ends in '/') or, with more than one part, a pattern with '*' between the parts."""

    parts: tuple[str, ...]

    @property
    def is_folder(self) -> bool:
        return len(self.parts) == 1 and (self.parts[0].endswith("/") or not self.parts[0])

    @property
    def is_key(self) -> bool:
        return len(self.parts) == 1 and not self.is_folder

    @property
    def prefix(self) -> str:
        """The beginning of every matching key."""
        return self.parts[0]

    def matches(self, key: str) -> bool:
        """Whether the key matches, in time linear in its length."""
        first, *between = self.parts
        if not between:
            return key == first
        last = between.pop()
        end = len(key) - len(last)
        at = len(first)
        if not (key.startswith(first) and key.endswith(last) and at <= end):
            return False
        for part in between:
            found = key.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return True

    def __str__(self) -> str:
        return "*".join(self.parts)


@dataclass(frozen=True)
class Source:
    """An object to download: its key, and its name in the input folder."""

    key: str
    name: str

    def __str__(self) -> str:
        return self.key


Wanted = Union[Pattern, Source]


class SourceBucket:
    """SOURCE_BUCKET for a tool's functions, whose inputs may depend on its content."""

    def __init__(self, s3: S3Client, name: str) -> None:
        self._s3 = s3
        self.name = name

    def read(self, key: str) -> bytes:
        """The content of an object. Raises JobProblem if it does not exist."""
        try:
            return bytes(self._s3.get_object(Bucket=self.name, Key=key)["Body"].read())
        except self._s3.exceptions.NoSuchKey:
            raise JobProblem(INPUT_PROBLEM, f"there is no s3://{self.name}/{key}") from None
        except ValueError as error:  # of a broken connection; the tool's own would end the job for good
            raise JobProblem(INPUT_PROBLEM, f"s3://{self.name}/{key} could not be read: {error}") from None

    def keys(self, prefix: str) -> Iterator[str]:
        """The objects under a prefix, without the console's folder markers."""
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix):
            for entry in page.get("Contents", []):
                if not entry["Key"].endswith("/"):
                    yield entry["Key"]


def pattern(template: str, values: dict[str, Any]) -> Pattern:
    """Fill in one INPUT. Raises PlaceholderError, also for a place outside the bucket."""
    return Pattern(tuple(input_place(template, values, _WILDCARD).split(_WILDCARD)))


def literal(place: str) -> Pattern:
    """What a plain text from inputs() of tool.py names: a '*' is a wildcard, braces are ordinary characters.

    Raises PlaceholderError.
    """
    refuse_outside(place, "the input")
    refuse_half(place, "the input")
    return Pattern(tuple(place.split("*")))


def sources(bucket: SourceBucket, wanted: Sequence[Wanted]) -> list[Source]:
    """The objects named by these INPUTs. Raises JobProblem if one names none, or two get the same name."""
    found: dict[str, Source] = {}
    for one in wanted:
        count = 0
        for source in _sources_of(bucket, one):
            count += 1
            if source.name in found and found[source.name] != source:
                raise JobProblem(
                    INPUT_PROBLEM,
                    f"{found[source.name].key} and {source.key} would both become {source.name}; INPUT must "
                    "name their folder, or one of them only",
                )
            found[source.name] = source
        if not count:
            raise JobProblem(INPUT_PROBLEM, f"there is nothing at s3://{bucket.name}/{one}")
    _refuse_file_as_folder(found)
    return list(found.values())


def safe_name(name: str) -> str:
    """The name, if it stays inside the folder. Raises JobProblem otherwise."""
    if "\0" in name or any(part in ("", ".", "..") for part in name.split("/")):
        raise JobProblem(INPUT_PROBLEM, f"the object {name!r} would leave the input folder")
    return name


def mounted(wanted: Sequence[Wanted]) -> str:
    """The path of {input} in the mounted bucket: the only place named by INPUT, or the bucket itself."""
    only = wanted[0] if len(wanted) == 1 else None
    return only.prefix if isinstance(only, Pattern) else ""


def _sources_of(bucket: SourceBucket, one: Wanted) -> Iterator[Source]:
    if isinstance(one, Source):
        yield Source(one.key, safe_name(one.name))
    elif one.is_key:
        yield Source(one.prefix, safe_name(one.prefix.rsplit("/", 1)[-1]))
    else:
        for key in bucket.keys(one.prefix):
            if one.is_folder:
                yield Source(key, safe_name(key[len(one.prefix) :]))
            elif one.matches(key):
                yield Source(key, safe_name(key.rsplit("/", 1)[-1]))


def _refuse_file_as_folder(found: dict[str, Source]) -> None:
    for name in found:
        parts = name.split("/")
        for depth in range(1, len(parts)):
            parent = "/".join(parts[:depth])
            if parent in found:
                raise JobProblem(
                    INPUT_PROBLEM, f"{found[parent].key} is a file where {found[name].key} needs a folder"
                )
