"""Old Pythons of this computer, for what must run on them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def find(version):
    """A Python of this version ('2.7'), on PATH or in pyenv; None where there is none."""
    name = f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for candidate in filter(None, [shutil.which(name), *sorted(pyenv.glob(f"{version}.*/bin/{name}"))]):
        told = subprocess.run([candidate, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if told.stdout.startswith(f"Python {version}".encode()):
            return str(candidate)
    return None


def needed(version):
    """The same; without one the test is skipped, or fails where every Python must be there."""
    found = find(version)
    if found is None:
        message = f"there is no Python {version} here; `make test` wants one on PATH or in pyenv"
        pytest.fail(message) if os.environ.get("EVERY_PYTHON") else pytest.skip(message)
    return found
