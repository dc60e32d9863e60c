"""A shell's script in COMMAND, read for its commands: their words, and whether a pipe joins them.

A reading for checks, not a shell's whole grammar: quotes, substitutions, redirections, comments, and no more.

https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html (2.9, 2.10)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from worker.protocol.placeholders import parse
from worker.protocol.shell_quoting import BACKTICK, DOUBLE, PARENTHESIS, SINGLE, Quoting

# Words behind which a command begins.
_KEYWORDS = {"if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "time"}


@dataclass
class ScriptWord:
    """A word without its quotes, NUL in place of each value, and the names of these."""

    text: str = ""
    values: list[str] = field(default_factory=list)


@dataclass
class Command:
    """The words of one command, without redirections; ``is_arithmetic``: of $(( )) or (( ))."""

    words: list[ScriptWord] = field(default_factory=list)
    is_arithmetic: bool = False


@dataclass(frozen=True)
class Script:
    commands: tuple[Command, ...]
    has_pipe: bool

    @property
    def sets_pipefail(self) -> bool:
        """Whether it begins with `set -o pipefail`, or has it anywhere."""
        texts = ([word.text for word in command.words] for command in self.commands)
        return any(words[0] in ("set", "shopt") and "pipefail" in words for words in texts)


@lru_cache(maxsize=64)
def read_script(template: str) -> Script:
    """The commands of a script with placeholders. Raises PlaceholderError."""
    reader = _Reader()
    for part in parse(template):
        if part.is_name:
            reader.value(part.text, bool(part.mark))
        else:
            for character in part.text:
                reader.read(character)
    return reader.finish()


class _Reader:
    def __init__(self) -> None:
        self._quoting = Quoting()
        self._commands: list[Command] = []
        self._outer: list[tuple[Command, ScriptWord | None, bool]] = []
        self._command = Command()
        self._word: ScriptWord | None = None
        self._redirects = self._has_pipe = False
        # Pipes of which it is not known yet that they are not `a|b)` of a case.
        self._pipes = 0
        self._last = ""

    def value(self, name: str, is_job_s: bool) -> None:
        word = self._begun()
        word.text += "\0"
        if is_job_s:
            word.values.append(name)
        self._quoting.pass_value()
        self._last = ""

    def read(self, character: str) -> None:
        innermost, escaped = self._quoting.innermost, self._quoting.escaped
        self._quoting.read(character)
        if self._quoting.in_comment:
            return
        if escaped or (innermost == SINGLE and character != SINGLE):
            self._begun().text += character if character != "\n" or not escaped else ""
        elif character != "\\":
            self._unescaped(character, innermost)
        self._last = "" if escaped else character

    def finish(self) -> Script:
        while self._outer:
            self._close()
        self._end_command()
        return Script(tuple(command for command in self._commands if command.words), self._has_pipe)

    def _unescaped(self, character: str, innermost: str) -> None:
        if character == BACKTICK:
            if innermost == BACKTICK or self._quoting.innermost != BACKTICK:
                self._close()
            else:
                self._open()
        elif character in (SINGLE, DOUBLE) and self._quoting.innermost != innermost:
            self._begun()
        elif character == "(" and self._quoting.innermost == PARENTHESIS and innermost != SINGLE:
            self._open(is_arithmetic=self._last == "(")
        elif innermost == DOUBLE:
            self._begun().text += character
        elif character == ")":
            self._close()
        elif character in " \t":
            self._end_word()
        elif character in "<>":
            self._redirect()
        elif character in ";&|\n":
            self._operator(character)
        else:
            self._begun().text += character

    def _begun(self) -> ScriptWord:
        self._word = self._word or ScriptWord()
        return self._word

    def _end_word(self) -> None:
        word, self._word = self._word, None
        if word is None:
            return
        if self._redirects:
            self._redirects = False
        elif word.text == "{":  # also of a function: f() { ...
            self._end_command()
        elif self._command.words or word.text not in _KEYWORDS:
            self._command.words.append(word)

    def _redirect(self) -> None:
        if self._word is not None and self._word.text.isdigit():
            self._word = None
        self._end_word()
        self._redirects = True

    def _operator(self, character: str) -> None:
        if self._last in "<>" and self._last and character in "&|":
            return
        joined = self._last == "|" and character in "|&"
        if joined:
            self._pipes -= character == "|"
            return
        self._end_command(settle=character != "|")
        self._pipes += character == "|"

    def _end_command(self, settle: bool = True) -> None:
        self._end_word()
        self._redirects = False
        self._commands.append(self._command)
        self._command = Command(is_arithmetic=self._command.is_arithmetic)
        if settle:
            self._has_pipe |= self._pipes > 0
            self._pipes = 0

    def _open(self, is_arithmetic: bool = False) -> None:
        word = self._begun()
        word.text = word.text[:-1] if self._last == "$" and not is_arithmetic else word.text
        self._outer.append((self._command, word, self._redirects))
        self._command, self._word, self._redirects = Command(is_arithmetic=is_arithmetic), None, False

    def _close(self) -> None:
        if not self._outer:  # of a pattern of a case
            self._pipes = 0
            self._end_command()
            return
        self._end_command()
        self._command, self._word, self._redirects = self._outer.pop()
