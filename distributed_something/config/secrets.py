"""Recognizes variables that hold secrets, by their names, and AWS access keys. Pure."""

from __future__ import annotations

import re
from typing import Mapping

_WORDS = {
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PASSWORDS",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "TOKENS",
}
_KEYS = re.compile(r"(API|ACCESS|AUTH|ENCRYPTION|PRIVATE|SECRET|SIGNING)_?KEY(_|\Z)")
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_ACCESS_KEY = re.compile(r"(?<![A-Z0-9])(AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")


def looks_secret(name: str) -> bool:
    """Whether a variable of this name is likely to hold a secret: DB_PASSWORD, GITHUB_TOKEN, MY_API_KEY."""
    upper = name.upper()
    return not _WORDS.isdisjoint(upper.split("_")) or bool(_KEYS.search(upper))


def access_key_in(text: str) -> str:
    """The first AWS access key ID in the text, or ''."""
    found = _ACCESS_KEY.search(text)
    return found.group() if found else ""


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without AWS's own variables, which may be keys, and without what looks secret."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith("AWS_") and not looks_secret(name)
    }
