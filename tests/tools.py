"""The tools of the examples: in .venv-tools, which `make tools` makes, or installed on this computer."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.end_to_end.conftest import CHECKOUT

EXAMPLES = CHECKOUT / "files" / "examples"
FOLDER = CHECKOUT / ".venv-tools" / "bin"
PATH = os.pathsep.join([str(FOLDER), os.environ["PATH"]])


def needed(program):
    """The path of a tool's program; without it the test is skipped, or fails where each must be there."""
    found = shutil.which(program, path=PATH)
    if found is None:
        message = f"no {program}: `make tools` installs what is on PyPI (Python 3.11), apt has imagemagick"
        pytest.fail(message) if os.environ.get("EVERY_TOOL") else pytest.skip(message)
    return found
