"""COMMAND of config.py -> the arguments a tool is started with.

The command is split into arguments first and filled in afterwards, so a value of a job can never add one.
Inside a shell's script (`sh -c '...'`) a value is written {key!q}: it travels in an environment variable, and
the script holds only a quoted reference to it, so that no shell ever parses a value, whatever stands around.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from worker.protocol.command_checks import check_command, check_values
from worker.protocol.command_parser import Argument, Role, parse_command
from worker.protocol.placeholders import PlaceholderError, parse, value_of
from worker.protocol.shell_quoting import DOUBLE, with_quotes

_HARMLESS = re.compile(r"[\w@%+=:,./-]*\Z", re.ASCII)
_VARIABLE = "DS_VALUE_"


class Filled(NamedTuple):
    """What a tool is started with: its arguments, and variables to add to its environment."""

    argv: list[str]
    environ: dict[str, str]


def fill_command(command: str, values: dict[str, Any]) -> Filled:
    """The arguments to start, and the environment variables that a shell's script refers to.

    Raises PlaceholderError for a missing key or a value that is none.
    """
    check_command(command)
    check_values(command, values)
    environ: dict[str, str] = {}
    argv = [
        _fill_script(argument.template, values, environ)
        if argument.role is Role.SCRIPT
        else _fill_word(argument, values)
        for argument in parse_command(command)
    ]
    return Filled(argv, environ)


def _fill_word(argument: Argument, values: dict[str, Any]) -> str:
    own_is_harmless = argument.role is Role.CODE
    filled: list[str] = []
    for part in parse(argument.template):
        if not part.is_name:
            filled.append(part.text)
        elif own_is_harmless and not part.mark:
            filled.append(_harmless(part.text, value_of(part.text, values)))
        else:
            filled.append(value_of(part.text, values))
    return "".join(filled)


def _fill_script(template: str, values: dict[str, Any], environ: dict[str, str]) -> str:
    """The script, with references to values; these are added to ``environ``."""
    filled: list[str] = []
    for part, quote in with_quotes(parse(template)):
        if part.quoted:
            variable = f"{_VARIABLE}{len(environ) + 1}"
            environ[variable] = value_of(part.text, values)
            reference = f"${{{variable}}}"
            filled.append(reference if quote == DOUBLE else f'"{reference}"')
        elif part.is_name:
            filled.append(_harmless(part.text, value_of(part.text, values)))
        else:
            filled.append(part.text)
    return "".join(filled)


def _harmless(name: str, value: str) -> str:
    if not _HARMLESS.match(value):
        raise PlaceholderError(
            f"the value of {{{name}}} ({value[:60]!r}) cannot stand in a shell's script as it is; write "
            f"{{{name}!q}} in COMMAND"
        )
    return value
