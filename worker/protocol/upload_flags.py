"""Turns UPLOAD_FLAGS of config.py into boto3's ExtraArgs: the flags of `aws s3 cp` that suit results."""

from __future__ import annotations

import shlex

_KNOWN = {
    "--acl": "ACL",
    "--storage-class": "StorageClass",
    "--sse": "ServerSideEncryption",
    "--sse-kms-key-id": "SSEKMSKeyId",
    "--content-type": "ContentType",
    "--cache-control": "CacheControl",
    "--request-payer": "RequestPayer",
}
# Flags with an optional value, and their default in `aws s3 cp`.
_ALONE = {"--sse": "AES256", "--request-payer": "requester"}
_VALUES = {
    "--acl": {
        "private",
        "public-read",
        "public-read-write",
        "authenticated-read",
        "aws-exec-read",
        "bucket-owner-read",
        "bucket-owner-full-control",
    },
    "--storage-class": {
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER",
        "DEEP_ARCHIVE",
        "GLACIER_IR",
    },
    "--sse": {"AES256", "aws:kms", "aws:kms:dsse"},
    "--request-payer": {"requester"},
}


def extra_args(flags: str) -> dict[str, str]:
    """Parse the flags. Raises ValueError that lists the supported ones."""
    try:
        words = shlex.split(flags)
    except ValueError as error:
        raise ValueError(f"is no list of flags ({error}); look at its quotes") from None
    found: dict[str, str] = {}
    while words:
        flag, equals, value = words.pop(0).partition("=")
        if flag not in _KNOWN:
            raise ValueError(f"has {flag!r}, which is not known; these are: {', '.join(_KNOWN)}")
        if not equals:
            if words and not words[0].startswith("--"):
                value = words.pop(0)
            elif flag in _ALONE:
                value = _ALONE[flag]
            else:
                raise ValueError(f"has {flag} without its value")
        allowed = _VALUES.get(flag)
        if not value.isprintable() or not value or (allowed and value not in allowed):
            listed = ", ".join(sorted(allowed)) if allowed else "some text on one line"
            raise ValueError(f"has {flag} {value!r}; it takes: {listed}")
        found[_KNOWN[flag]] = value
    return found
