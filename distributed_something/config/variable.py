"""Declares a variable of config.py once, for the toolkit and for the guide."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping

from .validators import Validator

# In place of a default: config.py must set the variable.
REQUIRED = object()


@dataclass(frozen=True)
class Derived:
    """A default that follows from other variables.

    ``formula``: as in config.py. ``compute`` receives the settings so far, by field name.
    """

    formula: str
    compute: Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Variable:
    """``section``, ``purpose``: its table in the guide, and its line there.

    ``in_container``: whether the task definition passes it to the worker.
    """

    section: str
    purpose: str
    validate: Validator
    default: Any
    in_container: bool

    def default_value(self, known: Mapping[str, Any]) -> Any:
        """The value if config.py has none; '' for a required one, since others may be derived from it."""
        if self.default is REQUIRED:
            return ""
        return self.default.compute(known) if isinstance(self.default, Derived) else self.default


def variable(
    section: str,
    purpose: str,
    validate: Validator,
    default: Any,
    in_container: bool = False,
) -> Any:
    """A field of Settings; its name in capitals is that of the variable."""
    return field(metadata={"variable": Variable(section, purpose, validate, default, in_container)})
