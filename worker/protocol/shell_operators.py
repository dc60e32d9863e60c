"""Operators of a shell in a COMMAND that no shell reads, and the same COMMAND written for one.

Only what is not quoted counts: 'a|b' and '*.tif' in quotes are text for the tool.
"""

from __future__ import annotations

import re
import shlex
from typing import Iterator, Sequence

from worker.protocol.command_parser import Argument, Role
from worker.protocol.placeholders import OWN, TOKEN, PlaceholderError
from worker.protocol.shell_words import Word

_BARE, _DOUBLE = " ", '"'
_OPERATOR = re.compile(r"\d*(?:&>|>&|<&|[<>])[<>&|]*\d*|&&|\|\||\|&|[|;&]+")
_PATTERN = re.compile(r"[*?]")
_HOME = re.compile(r"(?:^|=)~(?=$|/)|^~\w+(?=$|/)")
# $NAME, ${NAME} (a placeholder, as it is written), $( ), `command`; in double quotes a $1 is awk's or R's.
_EXPANSION = re.compile(r"\$\{+\w+\}+|\$[A-Za-z_]\w*|\$\(|`|\$[\d@#?$!*-]")
_EXPANSION_IN_DOUBLE_QUOTES = re.compile(r"\$\{+\w+\}+|\$[A-Za-z_]\w*|\$\(|`")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
# Commands that a shell has within, and no program does.
_BUILTINS = {
    *(
        "cd",
        "export",
        "source",
        ".",
        "set",
        "unset",
        "eval",
        "exec",
        "trap",
        "ulimit",
        "umask",
        "alias",
        "shift",
    ),
    *("if", "for", "while", "until", "case", "!", "{{", "wait", "read"),
}
_BUILTINS_OF_BASH = {"source", "pushd", "popd", "shopt", "declare", "local", "[[", "let", "function"}
# Needs no quotes in a script.
_PLAIN = re.compile(r"[\w@%+=:,./^-]+\Z", re.ASCII)


def check_operators(command: str, arguments: Sequence[Argument]) -> None:
    """Raises PlaceholderError with the COMMAND to write."""
    first = arguments[0].word
    arguments = _with_ends_of_exec(arguments)
    if re.search(r"(?<!&)&\Z", arguments[-1].word.where(_BARE)):
        raise PlaceholderError("ends with '&'; leave it out: a job lasts as long as its tool runs")
    for argument in arguments:
        found = "" if argument.role is Role.SCRIPT else _operator(argument)
        if found and "://" in argument.template:
            raise PlaceholderError(f"has an address with {found!r}; write it in single quotes")
        if found:
            raise PlaceholderError(
                f"has {found!r}, which only a shell understands; {_advice(arguments)}, or put it in single "
                "quotes if the tool itself should get it"
            )
    if _ASSIGNMENT.match(first.where(_BARE)):
        fix = as_python(f"env {command.strip()}")
        raise PlaceholderError(f"begins with {first.text[:60]!r}, which only a shell sets; write {fix}")
    if first.text in _BUILTINS | _BUILTINS_OF_BASH:
        raise PlaceholderError(
            f"begins with {first.text!r}, which is a shell's own command; {_advice(arguments)}"
        )


def _with_ends_of_exec(arguments: Sequence[Argument]) -> list[Argument]:
    """A ';' that ends an -exec of find is one of its arguments, quoted or not."""
    ended, inside = [], False
    for argument in arguments:
        inside = inside or argument.template in ("-exec", "-execdir", "-ok", "-okdir")
        if inside and argument.template == ";":
            argument, inside = argument._replace(word=Word(";", "'")), False
        ended.append(argument)
    return ended


def _operator(argument: Argument) -> str:
    """The first operator in a word, '' if it has none."""
    bare = argument.word.where(_BARE)
    for pattern in (_OPERATOR, _EXPANSION, _PATTERN, _HOME):
        found = pattern.search(bare)
        if found:
            return found.group().lstrip("=")
    if argument.role is Role.CODE:
        return ""
    found = _EXPANSION_IN_DOUBLE_QUOTES.search(argument.word.where(_BARE + _DOUBLE))
    return found.group() if found else ""


def _advice(arguments: Sequence[Argument]) -> str:
    scripts = [number for number, argument in enumerate(arguments) if argument.role is Role.SCRIPT]
    if not scripts:
        words = [argument.word for argument in arguments]
        return f"write {as_python(' '.join([*_shell(words), shlex.quote(_script(words))]))}"
    last = scripts[-1]
    rest = [argument.word for argument in arguments[last + 1 :]]
    if not rest or not _OPERATOR.match(rest[0].where(_BARE)):
        return "write it inside the quotes of the shell's script"
    before = " ".join(shlex.quote(argument.template) for argument in arguments[:last])
    script = f"({arguments[last].template}) {_script(rest)}"
    return f"write {as_python(f'{before} {shlex.quote(script)}')}"


def _shell(words: Sequence[Word]) -> list[str]:
    """How the shell is started: a pipe fails with any of its programs only in bash."""
    bare = [word.where(_BARE) for word in words]
    if any(re.search(r"(?<![|>])\|(?!\|)", text) for text in bare):
        return ["bash", "-o", "pipefail", "-c"]
    return ["bash" if words[0].text in _BUILTINS_OF_BASH else "sh", "-c"]


def _script(words: Sequence[Word]) -> str:
    return " ".join(map(_source, words))


def _source(word: Word) -> str:
    """A word as a shell's script has it; values of a job are written {key!q}."""
    written = "".join(_stretches(word))
    return "'#'" + written[1:] if written.startswith("#") else written or "''"


def _stretches(word: Word) -> Iterator[str]:
    end = 0
    for found in TOKEN.finditer(word.text):
        if found.group(1) is None:
            continue
        name = found.group(1).partition("!")[0]
        start = found.start()
        if start > end and word.text[start - 1] == "$" and word.quotes[start - 1] != "'":  # ${NAME}, ${key}
            if name.isupper():
                name = ""
            else:
                start -= 1
        yield from _literal(word, end, start)
        end = found.end()
        yield _reference(name) if name else "{" + found.group() + "}"
    yield from _literal(word, end, len(word.text))


def _reference(name: str) -> str:
    return f"{{{name}}}" if name in OWN and name != "job" else f"{{{name}!q}}"


def _literal(word: Word, start: int, end: int) -> Iterator[str]:
    """Text without values, quoted as it was."""
    while start < end:
        quote = word.quotes[start]
        stop = start
        while stop < end and word.quotes[stop] == quote:
            stop += 1
        is_word = stop - start == len(word.text)
        yield _quoted(word.text[start:stop], quote, is_word)
        start = stop


def _quoted(text: str, quote: str, is_word: bool) -> str:
    if quote == _BARE:
        return re.sub(r"=~(?=/|$)", '="$HOME"', text)
    if is_word and _PLAIN.match(text):
        return text
    if quote == _DOUBLE or not re.search(r"[$`\"\\!]", text):
        return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
    return shlex.quote(text)


def as_python(command: str) -> str:
    """COMMAND = ... as config.py has it."""
    if "\\" in command or '"""' in command or command.endswith('"') or not command.isprintable():
        return f"COMMAND = {command!r}"
    return f'COMMAND = """{command}"""' if '"' in command else f'COMMAND = "{command}"'
