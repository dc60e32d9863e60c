"""What can be known of COMMAND without a job, and of a job before any work: the same on both sides.

config.py is refused by it, submitJob checks each job by it, and the worker checks again what it was sent.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Sequence

from worker.protocol.command_parser import Argument, Role, parse_command
from worker.protocol.placeholders import (
    OWN,
    PlaceholderError,
    TemplatePart,
    fill,
    input_place,
    job_name,
    job_values,
    names,
    parse,
    safe_prefix,
    value_of,
)
from worker.protocol.shell_quoting import BACKTICK, SINGLE, with_quotes

# Own values a script may hold as they stand: the worker chose them, and looks at them again when filling in.
_OWN_IN_SCRIPT = set(OWN) - {"job"}
# What ends a path inside an argument or a shell's script.
_ENDS_PATH = re.compile(r"[\s;|&<>(),=:]")


@lru_cache(maxsize=64)
def check_command(command: str) -> None:
    """Check what can be known without a job. Raises PlaceholderError with the mend."""
    for argument in parse_command(command):
        for part, quote in with_quotes(parse(argument.template)):
            if part.is_name:
                _check_part(argument, part, quote)


def _check_part(argument: Argument, part: TemplatePart, quote: str) -> None:
    if argument.role is Role.SCRIPT:
        _check_in_script(part, quote)
    elif part.quoted:
        raise PlaceholderError(
            f"has {{{part.text}!q}} outside a shell's script; write {{{part.text}}}: a value is "
            "always one argument"
        )
    elif argument.role is Role.CODE and part.text not in _OWN_IN_SCRIPT:
        raise PlaceholderError(
            f"has {{{part.text}}} inside code; write it as an argument of its own after the code"
        )


def _check_in_script(part: TemplatePart, quote: str) -> None:
    if part.quoted and quote == BACKTICK:
        raise PlaceholderError(
            f"has {{{part.text}!q}} inside backticks of a shell's script; write $( ) for them"
        )
    if part.quoted and quote == SINGLE:
        raise PlaceholderError(
            f"has {{{part.text}!q}} inside single quotes of a shell's script; take these away: the "
            "value arrives quoted"
        )
    if not part.quoted and part.text not in _OWN_IN_SCRIPT:
        raise PlaceholderError(
            f"has {{{part.text}}} inside a shell's script; write {{{part.text}!q}}, so that no "
            "value of a job file is taken for a part of the script"
        )


def check_job(
    message: dict[str, Any], command: str, inputs: Sequence[str], output: str, name_template: str
) -> str:
    """Check all that can be checked of a message before any work. Returns the job's name.

    Raises PlaceholderError: a key is missing or no plain value, or a place would leave its own.
    """
    name = job_name(name_template, message)
    values = {**job_values(message), **dict.fromkeys(OWN, "x"), "job": name}
    safe_prefix(fill(output, values))
    for used in _keys_used(command):
        value_of(used, values)
    if command:
        check_paths(command, values)
    for template in inputs:
        input_place(template, values)
    return name


@lru_cache(maxsize=64)
def _keys_used(command: str) -> tuple[str, ...]:
    """Every key that COMMAND takes from a job."""
    every = (argument.template for argument in parse_command(command)) if command else ()
    return tuple(dict.fromkeys(name for template in every for name in names(template)))


def check_paths(command: str, values: dict[str, Any]) -> None:
    """A value behind {input} or {output} names something in there; one with '..' raises PlaceholderError."""
    for name, folder in _in_folders(command):
        value = value_of(name, values)
        if ".." in value.split("/"):
            raise PlaceholderError(
                f"the value of {{{name}}} ({value[:60]!r}) would leave the folder {{{folder}}}: it has '..'"
            )


@lru_cache(maxsize=64)
def _in_folders(command: str) -> tuple[tuple[str, str], ...]:
    """(placeholder, folder) of those that stand behind {input} or {output} in one path."""
    found = []
    for argument in parse_command(command):
        folder = ""
        for part in parse(argument.template):
            if not part.is_name:
                folder = "" if _ENDS_PATH.search(part.text) else folder
            elif part.text in ("input", "output"):
                folder = part.text
            elif folder:
                found.append((part.text, folder))
    return tuple(found)
