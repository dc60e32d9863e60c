# -*- coding: utf-8 -*-
"""Placeholders of COMMAND, INPUT, OUTPUT and JOB_NAME, filled in from a job; see worker/README.md.

A value is always one plain argument. Inside a shell's script it travels in an environment variable, so that no
shell parses it. submitJob has checked the job file with worker/command_line.py; this checks again what it uses.
"""

from __future__ import division, print_function, unicode_literals

import json
import re

from python2worker.settings import split_words
from python2worker.text import HALVES

OWN = ("input", "output", "job", "bucket", "cores", "attempt")
NAME_LIMIT = 400
PREFIX_LIMIT = 900
# So much of what a job has is told.
_SHOWN = 500
_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}!]+)(!q)?\}|[{}]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHELLS = ("sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "su", "runuser", "flock")
_SCRIPT_OPTION = re.compile(r"-[a-zA-Z]*c[a-zA-Z]*\Z|--command\Z")
# What ends a path inside an argument or a script.
_ENDS_PATH = re.compile(r"[\s;|&<>(),=:]")
_HARMLESS = re.compile(r"[A-Za-z0-9_@%+=:,./-]*\Z")


class PlaceholderError(ValueError):
    """A placeholder that cannot be filled in, as a sentence."""


def pieces(template):
    """Split a template into (text, is a name, is quoted). Raises PlaceholderError."""
    found, end = [], 0
    for token in _TOKEN.finditer(template):
        found.append((template[end : token.start()], False, False))
        end = token.end()
        if token.group() in ("{{", "}}"):
            found.append((token.group()[0], False, False))
        elif token.group(1):
            found.append((token.group(1), True, bool(token.group(2))))
        else:
            raise PlaceholderError(
                "a '{0}' in '{1}' is no placeholder; write {{name}}".format(token.group(), template)
            )
    found.append((template[end:], False, False))
    return [piece for piece in found if piece[0]]


def value_of(name, values):
    """A placeholder's value as text. Raises PlaceholderError."""
    if name not in values:
        known = ", ".join(sorted(set(values) - set(OWN)))[:_SHOWN]
        raise PlaceholderError("the job has no key '{0}' for {{{0}}}; it has: {1}".format(name, known))
    value = values[name]
    if isinstance(value, (bool, int, long, float)):  # noqa: F821 - Python 2
        return json.dumps(value)
    if not isinstance(value, type("")):
        raise PlaceholderError(
            "the value of '{0}' is {1}; a placeholder takes text or a number only".format(
                name, json.dumps(value)[:80]
            )
        )
    if "\0" in value:
        raise PlaceholderError(
            "the value of '{0}' holds a NUL character, which no argument can".format(name)
        )
    refuse_half(value, "the value of '{0}'".format(name))
    return value


def fill(template, values):
    """Fill a template that is no shell's script. Raises PlaceholderError."""
    filled = []
    for text, is_name, quoted in pieces(template):
        if quoted:
            raise PlaceholderError("{{{0}!q}} stands outside a shell's script; write {{{0}}}".format(text))
        filled.append(value_of(text, values) if is_name else text)
    return "".join(filled)


def job_values(message):
    """What placeholders of a message may name: its shared keys, overlaid by its group."""
    values = dict((key, value) for key, value in message.items() if key != "group")
    values.update(message["group"])
    return values


def job_name(template, message):
    """The job's name. Raises PlaceholderError for one that cannot name a log stream and a place."""
    name = fill(template, job_values(message)) if template else "-".join(_flat(message["group"]))
    if not name or len(name) > NAME_LIMIT:
        raise PlaceholderError("the job's name is empty or longer than {0}; set JOB_NAME".format(NAME_LIMIT))
    _refuse_strange(name, "the job's name")
    return name


def safe_prefix(place):
    """An OUTPUT as a prefix that ends in '/'. Raises PlaceholderError if it leaves its place."""
    place = place[:-1] if place.endswith("/") else place
    if not place:
        return ""
    if len(place) > PREFIX_LIMIT or "\\" in place:
        raise PlaceholderError("OUTPUT has a backslash, or more than {0} characters".format(PREFIX_LIMIT))
    _refuse_strange(place, "OUTPUT")
    return place + "/"


def fill_command(command, values):
    """(arguments, additions to the environment) to start the tool with. Raises PlaceholderError."""
    arguments, environment = [], {}
    shell = script = value_next = False
    before = ""
    for word in split_words(command):
        _refuse_leaving(word, values)
        if script:
            arguments.append(_fill_script(word, values, environment))
            # Options may stand between -c and the script: `bash -c -o pipefail -- '...'`.
            is_option = not value_next and before != "--" and word[:1] in ("-", "+")
            script = is_option or value_next
            shell, value_next = script, is_option and word[-1:] in ("o", "O")
        else:
            arguments.append(fill(word, values))
            script = shell and bool(_SCRIPT_OPTION.match(word))
            value_next = script and word[-1:] in ("o", "O")
            shell = shell or word.rsplit("/", 1)[-1] in _SHELLS
        before = word
    if not arguments:
        raise PlaceholderError("COMMAND is empty")
    return arguments, environment


def _refuse_leaving(template, values):
    """A value behind {input} or {output} names something in there. Raises PlaceholderError for one with '..'."""
    folder = ""
    for text, is_name, _ in pieces(template):
        if not is_name:
            folder = "" if _ENDS_PATH.search(text) else folder
        elif text in ("input", "output"):
            folder = text
        elif folder and ".." in value_of(text, values).split("/"):
            raise PlaceholderError(
                "the value of {{{0}}} would leave the folder {{{1}}}: it has '..'".format(text, folder)
            )


def _fill_script(template, values, environment):
    filled, before = [], ""
    for text, is_name, quoted in pieces(template):
        if quoted:
            variable = "DS_VALUE_{0}".format(len(environment) + 1)
            environment[variable] = value_of(text, values)
            reference = "${" + variable + "}"
            filled.append(reference if in_double_quotes(before) else '"' + reference + '"')
        elif is_name:
            value = value_of(text, values)
            if text not in OWN or not _HARMLESS.match(value):
                raise PlaceholderError(
                    "{{{0}}} cannot stand in a shell's script as it is; write {{{0}!q}}".format(text)
                )
            filled.append(value)
        else:
            filled.append(text)
            before += text
    return "".join(filled)


def in_double_quotes(script):
    """Whether what follows stands in double quotes of the shell (single quotes were refused by submitJob)."""
    opened, escaped, last = [], False, ""
    for character in script:
        inner = opened[-1] if opened else ""
        if escaped:
            escaped = False
        elif inner == "'":
            if character == "'":
                opened.pop()
        elif character == "\\":
            escaped = True
        elif character == '"' and inner == '"':
            opened.pop()
        elif character == '"' or (character == "'" and inner != '"'):
            opened.append(character)
        elif character == "(" and (inner != '"' or last == "$"):
            opened.append("(")
        elif character == ")" and inner == "(":
            opened.pop()
        last = character
    return bool(opened) and opened[-1] == '"'


def input_place(template, values, wildcard="*"):
    """One INPUT, filled; an empty value at its end must not mean the whole folder. Raises PlaceholderError."""
    filled = fill(template.replace("*", wildcard), values)
    text, is_name, _ = (pieces(template.rstrip("*")) or [("", False, False)])[-1]
    if is_name and not value_of(text, values):
        raise PlaceholderError(
            "{{{0}}} at the end of INPUT is empty for this job; it would mean the whole folder".format(text)
        )
    if ".." in filled.split("/") or filled.startswith("/"):
        shown = filled.replace(wildcard, "*")
        raise PlaceholderError(
            "INPUT '{0}' would leave the bucket: no '/' in front, and no '..'".format(shown)
        )
    return filled


def refuse_half(text, what):
    """Raises PlaceholderError for half a character, which JSON can write and UTF-8 cannot."""
    if HALVES.search(text):
        raise PlaceholderError("{0} holds half a character, which nothing else could read".format(what))


def _refuse_strange(place, what):
    refuse_half(place, what)
    if _CONTROL.search(place):
        raise PlaceholderError("{0} holds a control character".format(what))
    if any(segment in ("", ".", "..") for segment in place.split("/")):
        raise PlaceholderError(
            "{0} '{1}' would leave its folder: no '/' in front, no '//', '.' or '..'".format(what, place[:60])
        )


def _flat(value):
    """The plain values inside, as text, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for inner in value for text in _flat(inner)]
    if isinstance(value, type("")):
        return [value]
    return ["" if value is None else json.dumps(value)]
