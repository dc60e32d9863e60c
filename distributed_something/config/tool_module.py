"""A tool.py beside config.py: what is particular about the user's tool; see worker/README.md."""

from __future__ import annotations

from pathlib import Path

from worker import tool_loader

from ..errors import UserError


def find_tool_module(config: Path | None) -> Path | None:
    """The tool.py in the folder of config.py, or None. Raises UserError for one that cannot be used."""
    path = config.resolve().with_name("tool.py") if config else None
    if path is None or not path.exists():
        return None
    try:
        tool_loader.load(str(path))
    except tool_loader.ToolProblem as problem:
        raise UserError(str(problem)) from None
    return path
