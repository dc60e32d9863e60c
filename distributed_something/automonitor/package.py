"""The Lambda function's zip, made from this checkout: the same bytes each time, so that a change is seen."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

HANDLER = "distributed_something.automonitor.handler.handler"

_CHECKOUT = Path(__file__).resolve().parents[2]
# What the monitor needs neither at work nor at import.
_LEFT_OUT = ("checks", "commands", "local", "report")
# The oldest time that a zip can hold.
_ALWAYS = (1980, 1, 1, 0, 0, 0)


def files() -> list[Path]:
    """The sources, relative to the checkout; a link may lead out of it, and is none."""
    library = [
        path.relative_to(_CHECKOUT)
        for path in (_CHECKOUT / "distributed_something").rglob("*.py")
        if path.relative_to(_CHECKOUT).parts[1] not in _LEFT_OUT
    ]
    # settings.py reads commands and flags with the worker's own modules.
    worker = [path.relative_to(_CHECKOUT) for path in (_CHECKOUT / "worker").glob("*.py")]
    return sorted(path for path in library + worker if not (_CHECKOUT / path).is_symlink())


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
