"""The Lambda function's zip, made from this checkout: the same bytes each time, so that a change is seen."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

HANDLER = "distributed_something.monitor.lambda_handler.handler"

_CHECKOUT = Path(__file__).resolve().parents[2]
# The rooms that the monitor's own code is in or imports from, and the files that stand beside them.
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
# The oldest time that a zip can hold.
_ALWAYS = (1980, 1, 1, 0, 0, 0)


def files() -> list[Path]:
    """The sources, relative to the checkout; a link may lead out of it, and is none."""
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
