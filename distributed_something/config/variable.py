"""How a variable of config.py is declared: once, with all that the toolkit and the guide know about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping

from .validators import Validator

# In place of a default: the variable must be there.
REQUIRED = object()


@dataclass(frozen=True)
class Derived:
    """A default that follows from other variables.

    ``formula``: as config.py would write it. ``compute`` takes the settings so far, by their field names.
    """

    formula: str
    compute: Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Variable:
    """``section``, ``purpose``: where the guide lists it, and its line there.

    ``in_container``: whether the task definition hands it to the worker.
    """

    section: str
    purpose: str
    validate: Validator
    default: Any
    in_container: bool

    def default_value(self, known: Mapping[str, Any]) -> Any:
        """The value where config.py has none; '' for a required one: others may be derived from it."""
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
    """A field of Settings. Its name in capitals is the variable's."""
    return field(metadata={"variable": Variable(section, purpose, validate, default, in_container)})
