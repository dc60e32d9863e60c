"""Placeholders: how COMMAND, INPUT, OUTPUT and JOB_NAME of config.py are filled in from a job.

Pure, and used on both sides: by the worker for its job, by submitJob to check each job before it is sent.
How a command is split into arguments stands in command_parser.py, how it is filled in command_line.py.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, Iterator, NamedTuple

# What the worker itself provides; everything else comes from the shared keys and the group.
OWN = ("input", "output", "job", "bucket", "cores", "attempt")

NAME_LIMIT = 400
PREFIX_LIMIT = 900
# {name!q}: quoted for a shell's script. {name!v}: a value as it is, where COMMAND may take it for code.
QUOTED, VERBATIM = "q", "v"
TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Halves of characters (surrogates): JSON can write them, UTF-8, and so every program and S3, cannot.
_HALF = re.compile("[\ud800-\udfff]")
# So many characters of what a job has are shown.
_SHOWN = 500


class PlaceholderError(ValueError):
    """A placeholder that cannot be filled in, as a sentence with the fix."""


class TemplatePart(NamedTuple):
    """A stretch of a template: literal text, or the name of a placeholder and its mark, if it has one."""

    text: str
    is_name: bool
    mark: str = ""

    @property
    def quoted(self) -> bool:
        return self.mark == QUOTED


@lru_cache(maxsize=1024)
def parse(template: str) -> tuple[TemplatePart, ...]:
    """Split a template into its parts. Raises PlaceholderError for a brace without its partner."""
    parts: list[TemplatePart] = []
    end = 0
    for found in TOKEN.finditer(template):
        parts.append(TemplatePart(template[end : found.start()], False))
        end = found.end()
        token = found.group()
        if token in ("{{", "}}"):
            parts.append(TemplatePart(token[0], False))
        elif found.group(1):
            parts.append(_named(found.group(1), template))
        else:
            raise PlaceholderError(
                f"a {token!r} in {template!r} is no placeholder; write {{name}}, or {{{{ and }}}} for braces"
            )
    parts.append(TemplatePart(template[end:], False))
    return tuple(part for part in parts if part.text)


def _named(inside: str, template: str) -> TemplatePart:
    name, has_mark, mark = inside.partition("!")
    if not name or (has_mark and mark not in (QUOTED, VERBATIM)):
        raise PlaceholderError(
            f"{{{inside}}} in {template!r} is no placeholder; write {{name}} or {{name!q}}"
        )
    return TemplatePart(name, True, mark)


def names(template: str) -> list[str]:
    """The placeholders a template uses, in order."""
    return [part.text for part in parse(template) if part.is_name]


def value_of(name: str, values: dict[str, Any]) -> str:
    """A placeholder's value as text. Raises PlaceholderError when there is none, or it is no plain value."""
    try:
        value = values[name]
    except KeyError:
        known = ", ".join(sorted(set(values) - set(OWN)))[:_SHOWN]
        raise PlaceholderError(f"the job has no key {name!r} for {{{name}}}; it has: {known}") from None
    if isinstance(value, str):
        if "\0" in value:
            raise PlaceholderError(f"the value of {name!r} holds a NUL character, which no argument can")
        refuse_half(value, f"the value of {name!r}")
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise PlaceholderError(
        f"the value of {name!r} is {json.dumps(value)[:80]}; a placeholder takes text or a number only"
    )


def fill(template: str, values: dict[str, Any]) -> str:
    """Fill a template that is no command. Raises PlaceholderError."""
    filled = []
    for part in parse(template):
        if part.mark:
            raise PlaceholderError(
                f"{{{part.text}!{part.mark}}} stands outside COMMAND; write {{{part.text}}}"
            )
        filled.append(value_of(part.text, values) if part.is_name else part.text)
    return "".join(filled)


def job_values(message: dict[str, Any]) -> dict[str, Any]:
    """What placeholders of a message may name: its shared keys, overlaid by its group."""
    return {**{key: value for key, value in message.items() if key != "group"}, **message["group"]}


def job_name(template: str, message: dict[str, Any]) -> str:
    """The job's name: the filled template, or for '' the group's values joined with '-'.

    Raises PlaceholderError for a name that cannot name a log stream and a place in the bucket.
    """
    name = fill(template, job_values(message)) if template else "-".join(_flat(message["group"]))
    if not name or len(name) > NAME_LIMIT:
        raise PlaceholderError(
            f"the job's name {name[:60]!r} is empty or longer than {NAME_LIMIT}; set JOB_NAME of config.py"
        )
    _refuse_strange(name, "the job's name")
    return name


def safe_prefix(place: str) -> str:
    """An OUTPUT as a prefix that ends in '/' ('' stays ''). Raises PlaceholderError if it leaves it."""
    place = place[:-1] if place.endswith("/") else place
    if not place:
        return ""
    if len(place) > PREFIX_LIMIT or "\\" in place:
        raise PlaceholderError(
            f"OUTPUT {place[:60]!r} has a backslash, or more than {PREFIX_LIMIT} characters"
        )
    _refuse_strange(place, "OUTPUT")
    return place + "/"


def input_place(template: str, values: dict[str, Any], wildcard: str = "*") -> str:
    """One INPUT, filled; ``wildcard`` stands where config.py has a '*'. Raises PlaceholderError.

    A value may name a file or a folder of the bucket, but an empty one must not mean everything around it.
    """
    filled = fill(template.replace("*", wildcard), values)
    *_, last = parse(template.rstrip("*")) or (TemplatePart("", False),)
    if last.is_name and not value_of(last.text, values):
        raise PlaceholderError(
            f"{{{last.text}}} at the end of INPUT is empty for this job; it would mean the whole folder"
        )
    refuse_outside(filled, "INPUT", wildcard)
    return filled


def refuse_outside(place: str, what: str, wildcard: str = "*") -> None:
    """Raises PlaceholderError for an input that leaves the bucket."""
    if ".." in place.split("/") or place.startswith("/"):
        shown = place.replace(wildcard, "*")
        raise PlaceholderError(f"{what} {shown!r} would leave the bucket: no '/' in front, and no '..'")


def refuse_half(text: str, what: str) -> None:
    """Raises PlaceholderError for text that UTF-8 cannot write."""
    if not text.isascii() and _HALF.search(text):
        raise PlaceholderError(f"{what} holds half a character, which nothing else could read")


def _refuse_strange(place: str, what: str) -> None:
    refuse_half(place, what)
    if _CONTROL.search(place):
        raise PlaceholderError(f"{what} {place[:60]!r} holds a control character")
    if any(segment in ("", ".", "..") for segment in place.split("/")):
        raise PlaceholderError(
            f"{what} {place[:60]!r} would leave its folder: no '/' in front, no '//', '.' or '..'"
        )


def _flat(value: Any) -> Iterator[str]:
    """The plain values inside, as text, in order."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _flat(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _flat(inner)
    elif isinstance(value, str):
        yield value
    else:
        yield "" if value is None else json.dumps(value)
