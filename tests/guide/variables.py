"""The tables of variables on the page of step 1, made from Settings: `python -m tests.guide.variables`."""

from __future__ import annotations

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

from distributed_something.config.settings import VARIABLES
from distributed_something.config.variable import REQUIRED, Derived, Variable

PAGE = Path(__file__).resolve().parents[2] / "documentation" / "step_1_config.md"
_TABLES = re.compile(r"(?<=<!-- tables: made by tests/guide/variables.py -->\n\n).*?(?=\n## )", re.DOTALL)


def with_tables(page: str) -> str:
    """The page with the tables as Settings has them."""
    assert len(_TABLES.findall(page)) == 1
    return _TABLES.sub(lambda found: tables(), page)


def tables() -> str:
    """A heading and a table for each section, in the order of Settings."""
    sections = groupby(VARIABLES.items(), key=lambda one: one[1].section)
    return "\n".join(_table(section, list(variables)) for section, variables in sections)


def _table(section: str, variables: list[tuple[str, Variable]]) -> str:
    rows = [f"| `{name.upper()}` | {_default(one.default)} | {one.purpose} |" for name, one in variables]
    return "\n".join(
        [f"### {section}", "", "| variable | default | what it does |", "|---|---|---|", *rows, ""]
    )


def _default(value: Any) -> str:
    """As config.py would write it."""
    if value is REQUIRED:
        return "none, required"
    if isinstance(value, Derived):
        return f"`{value.formula}`"
    if isinstance(value, bool):
        return f'`"{value}"`'
    if isinstance(value, tuple):
        return f"`{json.dumps(list(value))}`" if value else '`""`'
    if isinstance(value, float):
        return f"`{value:.2f}`"
    return f"`{json.dumps(value)}`"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
