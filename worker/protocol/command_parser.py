"""COMMAND of config.py -> its words, and what each of them is to the program before it.

The command is read word by word; a small state knows which program is being started, and so what its next
word is: plain data, a shell's script, or an interpreter's code. The states are at the end.
"""

from __future__ import annotations

import enum
import re
import shlex
from dataclasses import dataclass
from functools import lru_cache
from typing import Iterator, NamedTuple, Pattern, Sequence, Union

from worker.protocol.placeholders import PlaceholderError

# Programs whose option -c brings a shell's script.
_SHELLS = {"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "su", "runuser", "flock"}
_SCRIPT_OPTION = re.compile(r"-[a-zA-Z]*c[a-zA-Z]*\Z|--command\Z")
# Short options whose value is the next word, in one interpreter or another.
_VALUE_FOLLOWS = re.compile(r"-[a-zA-Z]*[CIJLMQWXdfglmprt]\Z|--[^=]+\Z")


class Role(enum.Enum):
    """What a word is to the program before it."""

    DATA = "data"
    SCRIPT = "a shell's script"
    CODE = "an interpreter's code"


class Argument(NamedTuple):
    template: str
    role: Role


class _Interpreter(NamedTuple):
    """A program with options that bring code, either in the next word or glued to the option."""

    program: Pattern[str]
    option: Pattern[str]
    glued: Pattern[str]


_INTERPRETERS = tuple(
    _Interpreter(
        re.compile(rf"({program})[0-9.]*\Z"),
        re.compile(rf"({option})\Z"),
        re.compile(rf"({option})=?."),
    )
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


@lru_cache(maxsize=64)
def parse_command(command: str) -> tuple[Argument, ...]:
    """The command's arguments, each with its role. Raises PlaceholderError."""
    if "\0" in command:
        raise PlaceholderError("holds a NUL character, which no argument can")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise PlaceholderError(f"is no command line ({error}); look at its quotes") from None
    if not words:
        raise PlaceholderError("is empty")
    return tuple(_with_roles(words))


def program_of(command: str) -> str:
    """The program that a command starts. Raises PlaceholderError."""
    return parse_command(command)[0].template


def _with_roles(words: Sequence[str]) -> Iterator[Argument]:
    state: _State = _Unknown()
    for word in words:
        role, state = state.read(word)
        yield Argument(word, role)


def _start(word: str) -> _State | None:
    """The state after a word that is the name of a shell or an interpreter, wherever it stands."""
    program = word.rsplit("/", 1)[-1]
    if program in _SHELLS:
        return _Shell()
    known = next((one for one in _INTERPRETERS if one.program.match(program)), None)
    return _OptionsOfInterpreter(known) if known else None


@dataclass(frozen=True)
class _Unknown:
    """A program of which nothing is known."""

    def read(self, word: str) -> tuple[Role, _State]:
        return Role.DATA, _start(word) or self


@dataclass(frozen=True)
class _Shell:
    """A shell, until its option -c."""

    def read(self, word: str) -> tuple[Role, _State]:
        if _SCRIPT_OPTION.match(word):
            return Role.DATA, _BeforeScript(value_next=word[-1] in "oO")
        return Role.DATA, _start(word) or self


@dataclass(frozen=True)
class _BeforeScript:
    """Between -c and the script, where options may stand: `bash -c -o pipefail -- '...'`."""

    value_next: bool = False
    options_ended: bool = False

    def read(self, word: str) -> tuple[Role, _State]:
        ended = word == "--"
        if self.value_next:
            return Role.SCRIPT, _BeforeScript(options_ended=ended)
        if word[:1] in ("-", "+") and not self.options_ended:
            return Role.SCRIPT, _BeforeScript(value_next=word[-1] in "oO", options_ended=ended)
        return Role.SCRIPT, _Unknown()


@dataclass(frozen=True)
class _OptionsOfInterpreter:
    """An interpreter, until the file that it runs: what follows that are the file's own arguments."""

    interpreter: _Interpreter
    before: str = ""

    def read(self, word: str) -> tuple[Role, _State]:
        still = _OptionsOfInterpreter(self.interpreter, word)
        if self.interpreter.option.match(self.before):
            return Role.CODE, still
        is_option = bool(self.interpreter.option.match(word))
        glued = not is_option and bool(self.interpreter.glued.match(word))
        is_file = not word.startswith("-") and not _VALUE_FOLLOWS.match(self.before)
        return Role.CODE if glued else Role.DATA, _start(word) or (_Unknown() if is_file else still)


_State = Union[_Unknown, _Shell, _BeforeScript, _OptionsOfInterpreter]
