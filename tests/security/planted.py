"""Secrets that are nobody's, planted where a launcher's real ones are, and looked for everywhere else."""

from __future__ import annotations

import base64
from urllib.parse import quote

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAPLANTEDENVIRONAA",
    "AWS_SECRET_ACCESS_KEY": "planted/secret+of+the+environment/1234567",
    "AWS_SESSION_TOKEN": "planted/session+token/of+the/environment==",
    "AWS_SECURITY_TOKEN": "planted/security+token/of+the/environment==",
    "GITHUB_TOKEN": "ghp_plantedGithubToken0123456789",
    "DB_PASSWORD": "planted correct horse battery staple",
    "LICENCE_API_KEY": "planted-licence-9f8e7d",
}
# The keys that the commands really use, as `aws configure --profile lab` keeps them.
LAB_KEY = "AKIAPLANTEDLABAAAAAA"
CREDENTIALS = {
    "default": ("AKIAPLANTEDDEFAULTAA", "planted/secret+of+default/12345678901234", ""),
    "lab": (LAB_KEY, "planted/secret+of+lab/123456789012345678", "planted/session+token/of+lab=="),
}
SECRETS = [*ENVIRONMENT.values(), *[one for keys in CREDENTIALS.values() for one in keys if one]]


def write_credentials(home):
    """~/.aws of a person with two profiles."""
    (home / ".aws").mkdir(parents=True)
    lines = []
    for profile, (key, secret, token) in CREDENTIALS.items():
        lines += [f"[{profile}]", f"aws_access_key_id = {key}", f"aws_secret_access_key = {secret}"]
        lines += [f"aws_session_token = {token}"] * bool(token)
    (home / ".aws" / "credentials").write_text("\n".join(lines) + "\n")
    (home / ".aws" / "config").write_text("[profile lab]\nregion = us-east-1\n")


def found_in(places, secrets=SECRETS):
    """[(place, secret)] for every planted one in these (place, bytes), as it is or in a usual disguise."""
    disguised = [(secret, form) for secret in secrets for form in _forms(secret)]
    return [
        (place, secret) for place, content in places for secret, form in disguised if content.find(form) >= 0
    ]


def files_below(*folders):
    """(path, content) of every file."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield str(path), path.read_bytes()


def _forms(secret):
    data = secret.encode()
    yield data
    yield quote(secret, safe="").encode()
    # In base64 a text looks in three ways, by where it begins; both ends depend on the neighbours.
    for before in range(3):
        yield base64.b64encode(b"\0" * before + data)[4 if before else 0 : -4]
