"""What COMMAND may do although its author may not want it. What it may not do is refused with config.py."""

from __future__ import annotations

from typing import Iterator

from worker.protocol.command_checks import command_notes

from ..config.settings import Settings
from .finding import Finding


def findings(settings: Settings) -> Iterator[Finding]:
    """Pipes whose failures nobody would see."""
    for note in command_notes(settings.command):
        yield Finding(note)
