"""Values on their way between the worker and python2worker/shim.py: JSON that keeps their types."""

from __future__ import annotations

from typing import Any

from worker.inputs import Pattern, Source
from worker.protocol.command_line import Filled


class Foreign:
    """Stands for a value that JSON cannot carry; only its type is known."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name


def packed(value: Any) -> Any:
    """A value as JSON that keeps its type: a list begins with the type's name. The shim has the same."""
    if isinstance(value, dict):
        return ["dict", [[packed(key), packed(inner)] for key, inner in value.items()]]
    if isinstance(value, Source):
        return ["Source", value.key, value.name]
    if isinstance(value, Pattern):
        return ["Pattern", packed(value.parts)]
    if isinstance(value, Filled):
        return ["Filled", packed(value.argv), packed(value.environ)]
    if isinstance(value, (list, tuple)):
        return ["tuple" if isinstance(value, tuple) else "list", [packed(inner) for inner in value]]
    return value


def unpacked(data: Any) -> Any:
    """The value again. What the shim sends is not trusted: anything else raises an error."""
    if not isinstance(data, list):
        return data
    kind, *inside = data
    if kind == "dict":
        return {unpacked(key): unpacked(value) for key, value in inside[0]}
    if kind == "other":
        return Foreign(str(inside[0]))
    if kind in ("list", "tuple"):
        return {"list": list, "tuple": tuple}[kind](map(unpacked, inside[0]))
    return {"Source": Source, "Pattern": Pattern, "Filled": Filled}[kind](*map(unpacked, inside))


def holds_foreign(value: Any) -> bool:
    """Whether a part of it only the other Python can use."""
    if isinstance(value, dict):
        return any(map(holds_foreign, value.values()))
    return isinstance(value, Foreign) or (isinstance(value, (list, tuple)) and any(map(holds_foreign, value)))
