"""The functions of a tool that an attempt calls: those of tool.py, each replaced by what an own tool.py has.

An own tool.py lies beside config.py; buildImage puts it into the image, beside this file, as own_tool.py.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import ModuleType, SimpleNamespace

from worker import default_tool

FUNCTIONS = ("name", "inputs", "command", "output", "failure", "is_done")
IN_THE_IMAGE = "own_tool.py"


class ToolProblem(Exception):
    """An own tool.py that cannot be used, as a sentence with the place."""


def load(own: str = "") -> SimpleNamespace:
    """The functions. ``own``: the path of an own tool.py; '' takes the image's, if it has one.

    Raises ToolProblem.
    """
    path = Path(own) if own else Path(__file__).with_name(IN_THE_IMAGE)
    module = _executed(path) if own or path.exists() else default_tool
    return SimpleNamespace(**{name: getattr(module, name, getattr(default_tool, name)) for name in FUNCTIONS})


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
    if not any(hasattr(module, name) for name in FUNCTIONS):
        raise ToolProblem(f"{path}: there is none of its functions: {', '.join(FUNCTIONS)}")
    return module
