"""Turns config.py into Settings: executes the file and reports all of its mistakes at once.

settings.py declares the variables.
"""

from __future__ import annotations

import ast
import difflib
import json
import os
import stat
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UserError
from .secrets import access_key_in
from .settings import VARIABLES, Settings
from .validators import refuse_half
from .variable import REQUIRED

# Set by the task definition, for the worker.
_RESERVED = {"SQS_QUEUE_URL", "SQS_DEAD_LETTER_QUEUE_URL"}
_SECRETS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
_NO_SECRETS = (
    "does not belong here: everybody who may see the task could read it. Remove it; containers "
    "use roles, and your own keys stay in ~/.aws (`aws configure`)"
)
# From this similarity on, a name is more likely a typo (MACHINE_PRCE) than a tool's variable (INPUT_FOLDER).
_NEAR_MISS = 0.87
# The most characters shown of a value.
_MOST_SHOWN = 200


def load(path: Path) -> Settings:
    """Execute the config file and return its settings. Raises UserError with a line for each mistake."""
    try:
        source = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(
            f"{path}: there is no such file. Run this in the folder of run.py, or name it: --config FILE"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read: {error}") from None
    _refuse_access_keys(source, path)
    return settings_from(_execute(source, path), path, _lines_of_assignments(source))


def changeable_by_all(path: Path) -> bool:
    """Whether everyone on this computer can change the file, which runs with the user's permissions."""
    return os.name == "posix" and bool(path.stat().st_mode & stat.S_IWOTH)


def settings_from(namespace: dict[str, Any], path: Path, lines: dict[str, int] | None = None) -> Settings:
    """Validate the variables of an executed config file; ``lines``: the line of each variable."""
    place = _Places(path, lines or {})
    values, problems = _known_values(namespace, place)
    values["environment"], more = _own_values(namespace, place)
    if problems or more:
        raise UserError("\n".join(problems + more))
    return Settings(**values)


@dataclass(frozen=True)
class _Places:
    """The places of the variables: the file, and the known line numbers."""

    path: Path
    lines: dict[str, int]

    def of(self, name: str) -> str:
        line = f", line {self.lines[name]}" if name in self.lines else ""
        return f"{self.path}{line}: "


def _known_values(namespace: dict[str, Any], place: _Places) -> tuple[dict[str, Any], list[str]]:
    """({field of Settings: its value or default}, the problems)."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field_name, declared in VARIABLES.items():
        name = field_name.upper()
        if name in namespace:
            try:
                values[field_name] = declared.validate(namespace[name])
                continue
            except ValueError as error:
                problems.append(f"{place.of(name)}{name} = {_shown(namespace[name])} {error}")
        elif declared.default is REQUIRED:
            problems.append(f"{place.path}: {name} is missing; it has no default")
        values[field_name] = declared.default_value(values)
    return values, problems


def _own_values(namespace: dict[str, Any], place: _Places) -> tuple[dict[str, str], list[str]]:
    """({variable of the tool: its value in the environment}, the problems)."""
    values: dict[str, str] = {}
    problems: list[str] = []
    known = [field_name.upper() for field_name in VARIABLES]
    for name in sorted(set(namespace) - set(known)):
        if not name.isupper() or name.startswith("_"):
            continue
        problem = _problem_of_own(name, known)
        if not problem:
            try:
                values[name] = _as_environment(namespace[name])
            except ValueError as error:
                problem = str(error)
        if problem:
            problems.append(f"{place.of(name)}{name} {problem}")
    return values, problems


def _refuse_access_keys(source: str, path: Path) -> None:
    """Raise UserError for an AWS access key ID: a copy of the file is kept in the bucket."""
    for number, line in enumerate(source.splitlines(), 1):
        if access_key_in(line):
            raise UserError(f"{path}, line {number}: an AWS access key {_NO_SECRETS}")


def _execute(source: str, path: Path) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__file__": str(path), "__name__": "config"}
    try:
        code = compile(source, str(path), "exec")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        where = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        shown = (getattr(error, "text", None) or "").strip()[:_MOST_SHOWN]
        reason = error.args[0] if error.args else "it is too long or nested too deeply"
        raise UserError(f"{path}{where}: this is no Python: {reason}: {shown}") from None
    try:
        exec(code, namespace)  # noqa: S102 - the user's own program  # nosec B102
    except (Exception, SystemExit) as error:
        line = next(
            (
                frame.lineno
                for frame in reversed(traceback.extract_tb(error.__traceback__))
                if frame.filename == str(path)
            ),
            "?",
        )
        raise UserError(f"{path}, line {line}: {type(error).__name__}: {error}") from None
    return namespace


def _lines_of_assignments(source: str) -> dict[str, int]:
    """The line where each variable was last set, for error messages."""
    return {
        target.id: node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }


def _problem_of_own(name: str, known: list[str]) -> str:
    """Why a variable unknown to us may not be one of the tool's either; '' if it may."""
    if name in _SECRETS:
        return _NO_SECRETS
    if name in _RESERVED:
        return "is set by the toolkit itself; give your tool's variable another name"
    near = difflib.get_close_matches(name, known, n=1, cutoff=_NEAR_MISS)
    if near:
        return f"is not known; did you mean {near[0]}? (A variable of your tool needs another name.)"
    return ""


def _shown(value: object) -> str:
    """The value as Python would print it, or its type if that fails."""
    try:
        return repr(value)[:_MOST_SHOWN]
    except Exception:  # of the user's own class, or a number of very many digits
        return f"<{type(value).__name__}>"


def _as_environment(value: object) -> str:
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("holds a NUL character, which no environment variable can")
        refuse_half(value)
        return value
    try:
        return str(value) if isinstance(value, (bool, int, float)) else json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        raise ValueError(
            "cannot be passed to the tool; write text, a number, True/False or a list, or call it by a "
            "lower-case name"
        ) from None
