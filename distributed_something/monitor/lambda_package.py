"""Builds the Lambda function's zip from this checkout, reproducibly, so that changes can be detected."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

HANDLER = "distributed_something.monitor.lambda_handler.handler"

_CHECKOUT = Path(__file__).resolve().parents[2]
# The packages and modules that the monitor's code imports.
_ROOMS = (
    "distributed_something/aws",
    "distributed_something/config",
    "distributed_something/monitor",
    "distributed_something/outcomes",
    "distributed_something/run",
    "distributed_something/terminal",
    "worker/aws",
    "worker/protocol",
)
_FILES = (
    "distributed_something/__init__.py",
    "distributed_something/clock.py",
    "distributed_something/errors.py",
    "distributed_something/json_file.py",
    "worker/__init__.py",
)
# The earliest time that a zip can store.
_ALWAYS = (1980, 1, 1, 0, 0, 0)


def files() -> list[Path]:
    """The sources, relative to the checkout, without links, which may point elsewhere."""
    rooms = [path for room in _ROOMS for path in (_CHECKOUT / room).rglob("*.py")]
    files = [*rooms, *(_CHECKOUT / name for name in _FILES)]
    return sorted(path.relative_to(_CHECKOUT) for path in files if not path.is_symlink())


def build() -> bytes:
    """The zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files():
            entry = zipfile.ZipInfo(path.as_posix(), _ALWAYS)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (_CHECKOUT / path).read_bytes())
    return buffer.getvalue()
