"""The functions of a tool that an attempt calls: the worker's own, each replaced by what a tool.py has.

A tool.py lies beside config.py; buildImage puts it into the image, beside this file, as own_tool.py. It runs
in the worker's own Python, or in the one that TOOL_PYTHON names (tool_shim.py).
"""

from __future__ import annotations

import os
import sys
import traceback
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Callable, Mapping

from worker import default_tool, tool_shim
from worker.tool_shim import ToolProblem, ToolShim

FUNCTIONS = ("name", "inputs", "command", "output", "failure", "is_done")
IN_THE_IMAGE = "own_tool.py"


def load(own: str = "", python: str = "", environ: Mapping[str, str] = os.environ) -> SimpleNamespace:
    """The functions; ``close``, to be called at the end; ``runs_in``: the Python of TOOL_PYTHON, or ''.

    ``own``: the path of a tool.py; '' takes the image's, if it has one. ``python``: TOOL_PYTHON, looked for
    and started with ``environ``. Raises ToolProblem.
    """
    path = Path(own) if own else Path(__file__).with_name(IN_THE_IMAGE)
    if python:
        tool_shim.find(python, environ)
    if not (own or path.exists()):
        return _tool({})
    if python:
        shim = ToolShim(python, path, environ)
        functions = {name: partial(shim.call, name) for name in shim.functions}
        return _tool(_some(functions, path), shim.close, f"{python} ({shim.version})")
    module = _executed(path)
    functions = {name: getattr(module, name) for name in FUNCTIONS if hasattr(module, name)}
    for name, function in functions.items():
        if not callable(function):
            raise ToolProblem(
                f"{path}: {name} must be a function, not a value of type {type(function).__name__}"
            )
    return _tool(_some(functions, path))


def _tool(
    functions: Mapping[str, Any], close: Callable[[], None] = lambda: None, runs_in: str = ""
) -> SimpleNamespace:
    every = {name: functions.get(name, getattr(default_tool, name)) for name in FUNCTIONS}
    return SimpleNamespace(**every, close=close, runs_in=runs_in)


def _some(functions: dict[str, Any], path: Path) -> dict[str, Any]:
    if not functions:
        raise ToolProblem(f"{path}: there is none of its functions: {', '.join(FUNCTIONS)}")
    return functions


def _executed(path: Path) -> ModuleType:
    module = ModuleType("own_tool")
    sys.modules[module.__name__] = module
    try:
        code = compile(path.read_bytes(), str(path), "exec")
        exec(code, module.__dict__)  # noqa: S102 - the tool's own  # nosec B102
    except SyntaxError as error:
        raise ToolProblem(f"{path}, line {error.lineno}: this is no Python: {error.msg}") from None
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((f", line {one.lineno}" for one in reversed(frames) if one.filename == str(path)), "")
        raise ToolProblem(f"{path}{line}: {type(error).__name__}: {error}") from None
    return module
