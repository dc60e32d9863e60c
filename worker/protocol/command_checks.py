"""What can be known of COMMAND without a job, and of a job before any work: the same on both sides.

config.py is refused by it, submitJob checks each job by it, and the worker checks again what it was sent.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Sequence

from worker.protocol.command_parser import Argument, Role, parse_command, roles_of
from worker.protocol.placeholders import (
    OWN,
    VERBATIM,
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
from worker.protocol.programs import CODE_VARIABLE, is_posix_shell
from worker.protocol.shell_operators import check_operators
from worker.protocol.shell_quoting import BACKTICK, SINGLE, with_quotes
from worker.protocol.shell_script import ScriptWord, read_script

# Own values a script may hold as they stand: the worker chose them, and looks at them again when filling in.
_OWN_IN_SCRIPT = set(OWN) - {"job"}
# In no language is a value of these more than a word or a number.
_OPTION = re.compile(r"[-+][^\d.]")
_HARMLESS = re.compile(r"[\w@%+=:,./-]*\Z")
# Operators of [[ ]] whose operands are calculated.
_CALCULATES = {"-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-v"}
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
# What ends a path inside an argument or a shell's script.
_ENDS_PATH = re.compile(r"[\s;|&<>(),=:]")


@lru_cache(maxsize=64)
def check_command(command: str) -> None:
    """Check what can be known without a job. Raises PlaceholderError with the fix."""
    arguments = parse_command(command)
    for argument in arguments:
        for part, quote in with_quotes(parse(argument.template)):
            if part.is_name:
                _check_part(argument, part, quote)
        if argument.role is Role.SCRIPT:
            _check_script(argument.template)
    check_operators(command, arguments)


def _check_part(argument: Argument, part: TemplatePart, quote: str) -> None:
    own = part.text in _OWN_IN_SCRIPT
    if argument.role is Role.SCRIPT:
        _check_in_script(part, quote)
    elif part.quoted:
        raise PlaceholderError(
            f"has {{{part.text}!q}} outside a shell's script; write {{{part.text}}}: a value is "
            "always one argument"
        )
    elif argument.role is Role.CODE and not own and part.mark != VERBATIM:
        raise PlaceholderError(
            f"has {{{part.text}}} inside code; give it as an argument of its own after the code, or write "
            f"{{{part.text}!v}} if no value can do harm there"
        )
    elif argument.role is Role.PROGRAM and not own and part.mark != VERBATIM:
        raise PlaceholderError(
            f"has {{{part.text}}} in the name of what runs; write the name itself, or {{{part.text}!v}} if a "
            "job may choose what runs"
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


def _check_script(template: str) -> None:
    """Quoted values in places of a script where they would be read as code all the same."""
    for command in read_script(template).commands:
        words = command.words
        while words and _ASSIGNMENT.match(words[0].text):
            _refuse_code_variable(words[0])
            words = words[1:]
        program = words[0].text if words else ""
        is_arithmetic = command.is_arithmetic or _is_arithmetic_test([word.text for word in words])
        for word, role in zip(words, roles_of(word.text for word in words)):
            _refuse_code_variable(word)
            if word.values and is_arithmetic:
                _refuse_in_script(word, "that the shell takes for arithmetic, and so for code")
            if word.values and role in (Role.CODE, Role.SCRIPT, Role.PROGRAM):
                is_program = word is words[0]
                where = "as the name of what runs" if is_program else f"that {program} takes for code"
                _refuse_in_script(word, where)


def _is_arithmetic_test(words: Sequence[str]) -> bool:
    """[[ a -eq b ]] calculates its operands, and -v looks into a subscript."""
    return bool(words) and (
        (words[0] == "[[" and not _CALCULATES.isdisjoint(words))
        or (words[0] in ("[", "test") and "-v" in words)
    )


def _refuse_code_variable(word: ScriptWord) -> None:
    if word.values and CODE_VARIABLE.match(word.text):
        _refuse_in_script(word, f"as {word.text.partition('=')[0]}, which programs take for code")


def _refuse_in_script(word: ScriptWord, where: str) -> None:
    raise PlaceholderError(
        f"has {{{word.values[0]}!q}} in a shell's script {where}; write the code itself there, and give the "
        "value as an argument after it"
    )


@lru_cache(maxsize=64)
def command_notes(command: str) -> tuple[str, ...]:
    """What is allowed in COMMAND, and may not do what its author wants: pipes that hide a failure."""
    notes = []
    arguments = parse_command(command) if command else ()
    for number, argument in enumerate(arguments):
        if argument.role is not Role.SCRIPT:
            continue
        before = [one.template for one in arguments[:number]]
        shell = next((word for word in reversed(before) if is_posix_shell(word)), "sh")
        script = read_script(argument.template)
        fails = script.sets_pipefail or "pipefail" in before
        if script.has_pipe and not fails:
            notes.append(
                "A pipe in COMMAND hides failures: only the exit code of its last program counts. Write "
                "bash -o pipefail -c '...' or, where the image has no bash, intermediate files: "
                "one > file && two file"
            )
        elif fails and shell.rsplit("/", 1)[-1] in ("sh", "dash"):
            notes.append(
                f"pipefail in COMMAND is not known to the {shell} of many images (dash), and the job fails "
                "there: write bash"
            )
    return tuple(notes)


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
        check_values(command, values)
    for template in inputs:
        input_place(template, values)
    return name


@lru_cache(maxsize=64)
def _keys_used(command: str) -> tuple[str, ...]:
    """Every key that COMMAND takes from a job."""
    every = (argument.template for argument in parse_command(command)) if command else ()
    return tuple(dict.fromkeys(name for template in every for name in names(template)))


def check_values(command: str, values: dict[str, Any]) -> None:
    """Check what depends on a job's values. Raises PlaceholderError.

    A value behind {input} or {output} names something in there; where a program that is not known may take a
    value for code, it has only characters that are harmless in every language.
    """
    for name, folder in _in_folders(command):
        value = value_of(name, values)
        if ".." in value.split("/"):
            raise PlaceholderError(
                f"the value of {{{name}}} ({value[:60]!r}) would leave the folder {{{folder}}}: it has '..'"
            )
    for name, before, role in _suspects(command):
        value = value_of(name, values)
        if role is Role.OPERAND and _OPTION.match(value):
            raise PlaceholderError(
                f"the value of {{{name}}} ({value[:60]!r}) begins like an option of the program; write -- "
                f"before it, or {{{name}!v}} if no option can do harm"
            )
        if role is Role.SUSPECT and not _HARMLESS.match(value):
            raise PlaceholderError(
                f"the value of {{{name}}} ({value[:60]!r}) may be code to the program behind {before!r}; "
                f"write {{{name}!v}} in COMMAND if the program takes it as data"
            )


@lru_cache(maxsize=64)
def _suspects(command: str) -> tuple[tuple[str, str, Role], ...]:
    """(placeholder, the word before it, role) of those that may be code to a program."""
    found = []
    before = ""
    for argument in parse_command(command):
        parts = parse(argument.template) if argument.role in (Role.SUSPECT, Role.OPERAND) else ()
        for part in parts[: 1 if argument.role is Role.OPERAND else None]:
            if part.is_name and part.mark != VERBATIM and part.text not in _OWN_IN_SCRIPT:
                found.append((part.text, before, argument.role))
        before = argument.template
    return tuple(found)


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
