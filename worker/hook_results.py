"""What the functions of tool.py may return: checked before it is used, whichever Python they ran in."""

from __future__ import annotations

import os
from typing import Any, Callable, Iterable

from worker.inputs import Pattern, Source, Wanted, literal
from worker.protocol.command_line import Filled


class WrongResult(Exception):
    """A function of tool.py returned what it must not, as a sentence."""


def checked(name: str, value: Any) -> Any:
    """The value that function ``name`` returned, as the worker goes on with it.

    Raises WrongResult, and ValueError for an input that would leave the bucket.
    """
    return _CHECKS[name](value)


def _name(value: Any) -> str:
    return _text("name", value)


def _output(value: Any) -> str:
    return _text("output", value)


def _failure(value: Any) -> str:
    """A function that ends without `return` has found nothing."""
    return "" if value is None else _text("failure", value)


def _is_done(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong("is_done", _a(value), "True or False")
    return value


def _inputs(value: Any) -> list[Wanted]:
    """Plain texts beside Sources and what ``inputs`` of worker.api returns; one alone is a list of one."""
    must = "keys, folders ending in '/', patterns with '*', or Source(key, name), in a list"
    if isinstance(value, (str, Source, Pattern)):
        value = [value]
    if isinstance(value, (dict, bytes)) or not isinstance(value, Iterable):
        raise _wrong("inputs", _a(value), must)
    wanted: list[Wanted] = []
    for one in value:
        if isinstance(one, str) and one:
            wanted.append(literal(one))
        elif isinstance(one, str):
            raise _wrong("inputs", "an empty text, which would mean the whole bucket", must)
        elif isinstance(one, (Source, Pattern)):
            for part in one.parts if isinstance(one, Pattern) else (one.key, one.name):
                if not isinstance(part, str):
                    raise _wrong("inputs", f"a {type(one).__name__} that holds {_a(part)}", must)
            wanted.append(one)
        else:
            raise _wrong("inputs", f"{_a(value)} that holds {_a(one)}", must)
    return wanted


def _command(value: Any) -> Filled:
    must = "a list of arguments and a dict of additions to the environment, all of them text"
    if not isinstance(value, (list, tuple)):
        raise _wrong("command", _a(value), must)
    if len(value) != 2 or not isinstance(value[0], (list, tuple)) or not isinstance(value[1], dict):
        inside = ", ".join(_type_name(one) for one in value[:4])
        raise _wrong("command", f"{_a(value)} of {len(value)} ({inside})", must)
    argv, environ = value
    if not argv:
        raise _wrong("command", "an empty list of arguments", must)
    for one in (*argv, *environ, *environ.values()):
        if not isinstance(one, (str, os.PathLike)):
            raise _wrong("command", f"arguments with {_a(one)} among them", must)
    return Filled([_path(one) for one in argv], {_path(key): _path(one) for key, one in environ.items()})


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "inputs": _inputs,
    "command": _command,
    "output": _output,
    "failure": _failure,
    "is_done": _is_done,
}


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(name, _a(value), "text")
    return value


def _path(value: Any) -> str:
    return os.fsdecode(value)


def _wrong(name: str, returned: str, must: str) -> WrongResult:
    return WrongResult(f"tool.py: {name}() returned {returned}; it must return {must}")


def _a(value: Any) -> str:
    return f"a value of type {_type_name(value)}"


def _type_name(value: Any) -> str:
    """Also of a value that stayed in the other Python (tool_shim.Foreign)."""
    return str(getattr(value, "type_name", None) or type(value).__name__)
