"""COMMAND of config.py -> the arguments a tool is started with.

The command is split into arguments first and filled in afterwards, so a value of a job can never add one.
Inside a shell's script (`sh -c '...'`) a value is written {key!q}: it travels in an environment variable, and
the script holds only a quoted reference to it, so that no shell ever parses a value, whatever stands around.
"""

from __future__ import annotations

import re
import shlex
from functools import lru_cache
from typing import Any, Iterator, NamedTuple, Sequence

from worker.placeholders import (
    OWN,
    Piece,
    PlaceholderError,
    fill,
    job_name,
    job_values,
    names,
    parse,
    safe_prefix,
    value_of,
)
from worker.shell_quoting import BACKTICK, DOUBLE, SINGLE, Quoting

_SHELLS = {"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish"}
_SCRIPT_OPTION = re.compile(r"-[a-z]*c[a-z]*\Z")
# Interpreters whose option brings code: a value inside would be code too.
_INTERPRETER = re.compile(r"(python|pypy|perl|ruby|Rscript|R|node|php|lua|julia)[0-9.]*\Z")
_CODE_OPTION = re.compile(r"-([a-zA-Z]*[ceE]|-eval|-print)\Z")
# Own values a script may hold as they stand: the worker chose them, and looks at them again when filling in.
_OWN_IN_SCRIPT = set(OWN) - {"job"}
_HARMLESS = re.compile(r"[\w@%+=:,./-]*\Z", re.ASCII)
_VARIABLE = "DS_VALUE_"


class Filled(NamedTuple):
    """What a tool is started with: its arguments, and variables to add to its environment."""

    argv: list[str]
    environ: dict[str, str]


class _Argument(NamedTuple):
    template: str
    is_script: bool
    is_code: bool


@lru_cache(maxsize=64)
def _arguments(command: str) -> tuple[_Argument, ...]:
    """The command's arguments, and which of them are a shell's script or an interpreter's code."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise PlaceholderError(f"is no command line ({error}); look at its quotes") from None
    if not words:
        raise PlaceholderError("is empty")
    found: list[_Argument] = []
    shell = interpreter = script_next = code_next = False
    for word in words:
        found.append(_Argument(word, script_next, code_next))
        if script_next or code_next:
            shell = interpreter = script_next = code_next = False
            continue
        program = word.rsplit("/", 1)[-1]
        script_next = shell and bool(_SCRIPT_OPTION.match(word))
        code_next = interpreter and bool(_CODE_OPTION.match(word))
        if program in _SHELLS:
            shell, interpreter = True, False
        elif _INTERPRETER.match(program):
            shell, interpreter = False, True
    return tuple(found)


def program_of(command: str) -> str:
    """The program that a command starts. Raises PlaceholderError."""
    return _arguments(command)[0].template


@lru_cache(maxsize=64)
def check_command(command: str) -> None:
    """Check what can be known without a job. Raises PlaceholderError with the mend."""
    for argument in _arguments(command):
        for piece, quote in _with_quotes(parse(argument.template)):
            if not piece.is_name:
                continue
            if argument.is_script and piece.quoted and quote == BACKTICK:
                raise PlaceholderError(
                    f"has {{{piece.text}!q}} inside backticks of a shell's script; write $( ) for them"
                )
            if argument.is_script and piece.quoted and quote == SINGLE:
                raise PlaceholderError(
                    f"has {{{piece.text}!q}} inside single quotes of a shell's script; take these away: the "
                    "value arrives quoted"
                )
            own = piece.text in _OWN_IN_SCRIPT
            if piece.quoted and not argument.is_script:
                raise PlaceholderError(
                    f"has {{{piece.text}!q}} outside a shell's script; write {{{piece.text}}}: a value is "
                    "always one argument"
                )
            if argument.is_script and not piece.quoted and not own:
                raise PlaceholderError(
                    f"has {{{piece.text}}} inside a shell's script; write {{{piece.text}!q}}, so that no "
                    "value of a job file is taken for a part of the script"
                )
            if argument.is_code and not own:
                raise PlaceholderError(
                    f"has {{{piece.text}}} inside code; write it as an argument of its own after the code"
                )


def fill_command(command: str, values: dict[str, Any]) -> Filled:
    """The arguments to start, and the environment variables that a shell's script refers to.

    Raises PlaceholderError for a missing key or a value that is none.
    """
    check_command(command)
    argv: list[str] = []
    environ: dict[str, str] = {}
    for argument in _arguments(command):
        if not (argument.is_script or argument.is_code):
            argv.append(fill(argument.template, values))
            continue
        filled: list[str] = []
        for piece, quote in _with_quotes(parse(argument.template)):
            if piece.quoted:
                variable = f"{_VARIABLE}{len(environ) + 1}"
                environ[variable] = value_of(piece.text, values)
                reference = f"${{{variable}}}"
                filled.append(reference if quote == DOUBLE else f'"{reference}"')
            elif piece.is_name:
                filled.append(_harmless(piece.text, value_of(piece.text, values)))
            else:
                filled.append(piece.text)
        argv.append("".join(filled))
    return Filled(argv, environ)


def check_job(
    message: dict[str, Any], command: str, inputs: Sequence[str], output: str, name_template: str
) -> str:
    """Check all that can be checked of a message before any work. Returns the job's name.

    Raises PlaceholderError: a key is missing or no plain value, or name or OUTPUT would leave its place.
    """
    name = job_name(name_template, message)
    values = {**job_values(message), **dict.fromkeys(OWN, "x"), "job": name}
    safe_prefix(fill(output, values))
    for used in _keys_used(command, tuple(inputs)):
        value_of(used, values)
    return name


@lru_cache(maxsize=64)
def _keys_used(command: str, inputs: tuple[str, ...]) -> tuple[str, ...]:
    """Every key that COMMAND and INPUT take from a job."""
    return tuple(dict.fromkeys(_all_names(command, inputs)))


def _all_names(command: str, inputs: Sequence[str]) -> Iterator[str]:
    for argument in _arguments(command) if command else ():
        yield from names(argument.template)
    for template in inputs:
        yield from names(template)


def _with_quotes(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, str]]:
    """Each piece with what it stands in, if the whole is a shell's script."""
    quoting = Quoting()
    for piece in pieces:
        yield piece, quoting.here
        if not piece.is_name:
            quoting.read(piece.text)


def _harmless(name: str, value: str) -> str:
    if not _HARMLESS.match(value):
        raise PlaceholderError(
            f"the value of {{{name}}} ({value[:60]!r}) cannot stand in a shell's script as it is; write "
            f"{{{name}!q}} in COMMAND"
        )
    return value
