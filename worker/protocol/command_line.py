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
from worker.protocol.shell_quoting import BACKTICK, DOUBLE, SINGLE, Quoting

# Programs whose option -c brings a shell's script.
_SHELLS = {"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "su", "runuser", "flock"}
_SCRIPT_OPTION = re.compile(r"-[a-zA-Z]*c[a-zA-Z]*\Z|--command\Z")
# Interpreters, and the options of each that bring code: a value inside would be code too.
_INTERPRETERS = tuple(
    (re.compile(rf"({program})[0-9.]*\Z"), re.compile(rf"({option})\Z"), re.compile(rf"({option})=?."))
    for program, option in (
        ("python|pypy", "-[a-zA-Z]*c"),
        ("perl|ruby", "-[a-zA-Z]*[eE]"),
        ("Rscript|R|lua|luajit|julia", "-[eE]|--eval|--print"),
        ("node|nodejs|bun", "-[a-z]*[ep]|--eval|--print"),
        ("php", "-[rBRE]|--run"),
        ("octave|octave-cli", "--eval"),
        ("matlab", "-r|-batch"),
        ("ImageJ.*|fiji.*", "-eval|--eval"),
        ("env", "-[a-zA-Z]*S|--split-string"),
    )
)
# Short options whose value is the next word, in one or another of these.
_VALUE_FOLLOWS = re.compile(r"-[a-zA-Z]*[CIJLMQWXdfglmprt]\Z|--[^=]+\Z")
# Own values a script may hold as they stand: the worker chose them, and looks at them again when filling in.
_OWN_IN_SCRIPT = set(OWN) - {"job"}
_HARMLESS = re.compile(r"[\w@%+=:,./-]*\Z", re.ASCII)
_VARIABLE = "DS_VALUE_"
# What ends a path inside an argument or a shell's script.
_ENDS_PATH = re.compile(r"[\s;|&<>(),=:]")


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
    if "\0" in command:
        raise PlaceholderError("holds a NUL character, which no argument can")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise PlaceholderError(f"is no command line ({error}); look at its quotes") from None
    if not words:
        raise PlaceholderError("is empty")
    return tuple(_understood(words))


def _understood(words: Sequence[str]) -> Iterator[_Argument]:
    """Each word, with what it is to the program before it."""
    before = ""
    shell = script_next = value_next = False
    interpreter: Any = None
    for word in words:
        program = word.rsplit("/", 1)[-1]
        known = next((one for one in _INTERPRETERS if one[0].match(program)), None)
        if script_next:
            # Options may stand between -c and the script: `bash -c -o pipefail -- '...'`.
            yield _Argument(word, True, False)
            is_option = not value_next and before != "--" and word[:1] in ("-", "+")
            value_next, was_value = is_option and word[-1:] in ("o", "O"), value_next
            shell = script_next = is_option or was_value
        elif interpreter is not None and interpreter[1].match(before):
            yield _Argument(word, False, True)
        else:
            glued = interpreter is not None and bool(interpreter[2].match(word))
            yield _Argument(word, False, glued and not interpreter[1].match(word))
            script_next = shell and bool(_SCRIPT_OPTION.match(word))
            value_next = script_next and word[-1:] in ("o", "O")
            if program in _SHELLS or known is not None:
                shell, interpreter = program in _SHELLS, known
            elif not word.startswith("-") and not _VALUE_FOLLOWS.match(before):
                interpreter = None  # a program's own file: what follows are its arguments
        before = word


def program_of(command: str) -> str:
    """The program that a command starts. Raises PlaceholderError."""
    return _arguments(command)[0].template


@lru_cache(maxsize=64)
def check_command(command: str) -> None:
    """Check what can be known without a job. Raises PlaceholderError with the mend."""
    for argument in _arguments(command):
        for part, quote in _with_quotes(parse(argument.template)):
            if not part.is_name:
                continue
            if argument.is_script and part.quoted and quote == BACKTICK:
                raise PlaceholderError(
                    f"has {{{part.text}!q}} inside backticks of a shell's script; write $( ) for them"
                )
            if argument.is_script and part.quoted and quote == SINGLE:
                raise PlaceholderError(
                    f"has {{{part.text}!q}} inside single quotes of a shell's script; take these away: the "
                    "value arrives quoted"
                )
            own = part.text in _OWN_IN_SCRIPT
            if part.quoted and not argument.is_script:
                raise PlaceholderError(
                    f"has {{{part.text}!q}} outside a shell's script; write {{{part.text}}}: a value is "
                    "always one argument"
                )
            if argument.is_script and not part.quoted and not own:
                raise PlaceholderError(
                    f"has {{{part.text}}} inside a shell's script; write {{{part.text}!q}}, so that no "
                    "value of a job file is taken for a part of the script"
                )
            if argument.is_code and not own:
                raise PlaceholderError(
                    f"has {{{part.text}}} inside code; write it as an argument of its own after the code"
                )


def fill_command(command: str, values: dict[str, Any]) -> Filled:
    """The arguments to start, and the environment variables that a shell's script refers to.

    Raises PlaceholderError for a missing key or a value that is none.
    """
    check_command(command)
    _refuse_leaving(command, values)
    argv: list[str] = []
    environ: dict[str, str] = {}
    for argument in _arguments(command):
        if not (argument.is_script or argument.is_code):
            argv.append(fill(argument.template, values))
            continue
        filled: list[str] = []
        for part, quote in _with_quotes(parse(argument.template)):
            if part.quoted:
                variable = f"{_VARIABLE}{len(environ) + 1}"
                environ[variable] = value_of(part.text, values)
                reference = f"${{{variable}}}"
                filled.append(reference if quote == DOUBLE else f'"{reference}"')
            elif part.is_name:
                filled.append(_harmless(part.text, value_of(part.text, values)))
            else:
                filled.append(part.text)
        argv.append("".join(filled))
    return Filled(argv, environ)


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
        _refuse_leaving(command, values)
    for template in inputs:
        input_place(template, values)
    return name


@lru_cache(maxsize=64)
def _keys_used(command: str) -> tuple[str, ...]:
    """Every key that COMMAND takes from a job."""
    every = (argument.template for argument in _arguments(command)) if command else ()
    return tuple(dict.fromkeys(name for template in every for name in names(template)))


def _refuse_leaving(command: str, values: dict[str, Any]) -> None:
    """A value behind {input} or {output} names something in there; one with '..' is refused."""
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
    for argument in _arguments(command):
        folder = ""
        for part in parse(argument.template):
            if not part.is_name:
                folder = "" if _ENDS_PATH.search(part.text) else folder
            elif part.text in ("input", "output"):
                folder = part.text
            elif folder:
                found.append((part.text, folder))
    return tuple(found)


def _with_quotes(parts: Sequence[TemplatePart]) -> Iterator[tuple[TemplatePart, str]]:
    """Each part with what it stands in, if the whole is a shell's script."""
    quoting = Quoting()
    for part in parts:
        yield part, quoting.here
        if not part.is_name:
            quoting.read(part.text)


def _harmless(name: str, value: str) -> str:
    if not _HARMLESS.match(value):
        raise PlaceholderError(
            f"the value of {{{name}}} ({value[:60]!r}) cannot stand in a shell's script as it is; write "
            f"{{{name}!q}} in COMMAND"
        )
    return value
