"""COMMAND of config.py -> its words, and what each of them is to the program before it.

The command is read word by word; a small state knows which program is being started, and so what its next
word is: plain data, a shell's script, a program's name, or code. The states are at the end.
"""

from __future__ import annotations

import enum
import re
import shlex
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Iterable, Iterator, NamedTuple, Union

from worker.protocol import programs
from worker.protocol.placeholders import PlaceholderError
from worker.protocol.programs import Program, known_program
from worker.protocol.shell_words import Word, split_words

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


class Role(enum.Enum):
    """What a word is to the program before it."""

    DATA = "data"
    OPERAND = "data, unless it begins like an option that brings code"
    SUSPECT = "data, or code: the program is not known well enough"
    SCRIPT = "a shell's script"
    CODE = "code"
    PROGRAM = "the name of what runs"


class Argument(NamedTuple):
    template: str
    role: Role
    word: Word


@lru_cache(maxsize=64)
def parse_command(command: str) -> tuple[Argument, ...]:
    """The command's arguments, each with its role. Raises PlaceholderError."""
    if "\0" in command:
        raise PlaceholderError("holds a NUL character, which no argument can")
    words = split_words(command)
    if not words:
        raise PlaceholderError("is empty")
    roles = roles_of(word.text for word in words)
    return tuple(Argument(word.text, role, word) for word, role in zip(words, roles))


def program_of(command: str) -> str:
    """The program that a command starts. Raises PlaceholderError."""
    return parse_command(command)[0].template


def roles_of(words: Iterable[str]) -> Iterator[Role]:
    """The role of each word of a command, from its program's name on."""
    state: _State = _Start(variables=True)
    for word in words:
        role, state = state.read(word)
        yield role


@dataclass(frozen=True)
class _Start:
    """The next word is a program's name."""

    variables: bool = False

    def read(self, word: str) -> tuple[Role, _State]:
        if self.variables and _ASSIGNMENT.match(word):
            return Role.CODE if programs.CODE_VARIABLE.match(word) else Role.SUSPECT, self
        program = known_program(word)
        return Role.PROGRAM, _known(program) if program else _Unknown()


@dataclass(frozen=True)
class _Unknown:
    """A program of which nothing is known but what its options are called."""

    def read(self, word: str) -> tuple[Role, _State]:
        program = known_program(word)
        if program and program.anywhere:
            return Role.DATA, _known(program, certain=False)
        if programs.GENERAL_OPTION.match(word):
            return Role.DATA, _OptionOfUnknown()
        return Role.SUSPECT if programs.GENERAL_GLUED.match(word) else Role.DATA, self


@dataclass(frozen=True)
class _OptionOfUnknown:
    """After an option that may bring code. Its value may also be an option, or a program."""

    def read(self, word: str) -> tuple[Role, _State]:
        return Role.SUSPECT, _Unknown().read(word)[1]


@dataclass(frozen=True)
class _Known:
    """A program of the table, whose ``operands`` are to come.

    ``certain``: it surely is one, and not only a word that is called like it.
    """

    program: Program
    operands: str
    certain: bool
    after_code: bool = False
    options_ended: bool = False

    def read(self, word: str) -> tuple[Role, _State]:
        if self.operands == programs.ALL:
            return self._unless_sure(Role.CODE), self
        if word == "--":
            return Role.DATA, replace(self, options_ended=True)
        if word[:1] in ("-", "+") and len(word) > 1 and not self.options_ended:
            return self._option(word)
        return self._operand(word)

    def _option(self, word: str) -> tuple[Role, _State]:
        program = self.program
        if program.script.match(word):
            is_shell = program.operands == programs.FILE
            return Role.DATA, _BeforeScript(_ScriptArguments() if is_shell else self, word[-1] in "oO")
        after_code: _State = replace(self, operands="", after_code=True)
        if program.code_is_last:
            after_code = _ScriptArguments()
        for pattern, value in (
            (program.splits, _Value(self, Role.CODE, splits=True)),
            (program.starts, _Value(self, Role.PROGRAM, starts=True)),
            (program.code, _Value(after_code, Role.CODE)),
            (program.value, _Value(self, Role.DATA)),
        ):
            option = pattern.match(word)
            if option and option.end() == len(word):
                return Role.DATA, value
            if option:
                return value.read(word[option.end() :].lstrip("="))
        if word.startswith("--") and "=" not in word:
            return Role.DATA, _PerhapsValue(self)
        return Role.SUSPECT, self

    def _operand(self, word: str) -> tuple[Role, _State]:
        kind, rest = self.operands[:1], replace(self, operands=self.operands[1:])
        if kind == programs.CODE:
            return self._unless_sure(Role.CODE), rest
        if kind == programs.FILE:
            return self._unless_sure(Role.PROGRAM), _Unknown()
        if kind == programs.PROGRAM:
            role, state = _Start(self.program.sets_variables).read(word)
            return self._unless_sure(role), self if isinstance(state, _Start) else state
        if self.after_code and self.program.runs_names:
            return Role.SUSPECT, rest
        return Role.OPERAND if self.program.takes_code and not self.options_ended else Role.DATA, rest

    def _unless_sure(self, role: Role) -> Role:
        return role if self.certain else Role.SUSPECT


@dataclass(frozen=True)
class _Value:
    """The value of an option of a known program."""

    after: _State
    role: Role
    starts: bool = False
    splits: bool = False

    def read(self, word: str) -> tuple[Role, _State]:
        state = self.after
        if word[:1] == "-" and len(word) > 1 and not self.splits:
            state = state.read(word)[1]  # perhaps no value after all, but the next option
        elif self.starts:
            state = _Start().read(word)[1]
        elif self.splits:
            for inner in _split(word):
                _, state = state.read(inner)
        return self.role, state


@dataclass(frozen=True)
class _PerhapsValue:
    """After a long option, which may or may not have a value."""

    program: _Known

    def read(self, word: str) -> tuple[Role, _State]:
        if word.startswith("-") or known_program(word):
            return self.program.read(word)
        return Role.SUSPECT, replace(self.program, certain=False)


@dataclass(frozen=True)
class _BeforeScript:
    """Between -c and the script, where options may stand: `bash -c -o pipefail -- '...'`."""

    after: _State
    value_next: bool = False
    options_ended: bool = False

    def read(self, word: str) -> tuple[Role, _State]:
        ended = word == "--"
        if self.value_next:
            return Role.SCRIPT, _BeforeScript(self.after, options_ended=ended)
        if word[:1] in ("-", "+") and not self.options_ended:
            return Role.SCRIPT, _BeforeScript(self.after, word[-1] in "oO", ended)
        return Role.SCRIPT, self.after


@dataclass(frozen=True)
class _ScriptArguments:
    """After a shell's script or Python's code: what it finds in "$1" or sys.argv."""

    def read(self, word: str) -> tuple[Role, _State]:
        return Role.DATA, self


_State = Union[
    _Start, _Unknown, _OptionOfUnknown, _Known, _Value, _PerhapsValue, _BeforeScript, _ScriptArguments
]


def _known(program: Program, certain: bool = True) -> _Known:
    return _Known(program, program.operands, certain)


def _split(word: str) -> list[str]:
    try:
        return shlex.split(word)
    except ValueError:
        return word.split()
