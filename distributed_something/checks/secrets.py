"""Looks for secrets in config.py: its variables are in the task definition, and the file is in the bucket."""

from __future__ import annotations

from typing import Iterator

from ..config.secrets import looks_secret
from ..config.settings import Settings
from .finding import Finding


def findings(settings: Settings) -> Iterator[Finding]:
    """Variables of the tool that look like secrets. A note only, since a tool may need a license or token."""
    names = sorted(filter(looks_secret, settings.environment))
    if names:
        yield Finding(
            f"{' and '.join(names)} of config.py can be read by everybody who may see the task definition or "
            f"s3://{settings.aws_bucket}/reports/; use something that opens little and can be revoked"
        )
