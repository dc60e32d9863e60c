"""README.md./README.md."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Mapping

from worker import tool_loader
from worker.tool_shim import ToolProblem

from ..errors import UserError


def find_tool_module(
    config: Path | None, python: str = "", environ: Mapping[str, str] = os.environ
) -> Path | None:
    """The tool.py in the folder of config.py, or None.

    ``python``: TOOL_PYTHON, a Python of this computer. Raises UserError for a tool.py that cannot be used.
    """
    path = beside(config)
    if path is None:
        return None
    try:
        tool_loader.load(str(path), python, environ).close()
    except ToolProblem as problem:
        raise UserError(str(problem)) from None
    return path


def beside(config: Path | None) -> Path | None:
    """The path of a tool.py that may need another Python than the ones of this computer."""
    path = config.resolve().with_name("tool.py") if config else None
    return path if path and path.exists() else None
