"""Checks that the Docker image is in its registry and fits the machines' architecture.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Iterator, Mapping

from .finding import Finding

_TIMEOUT = 10
_INDEX = "application/vnd.oci.image.index.v1+json,application/vnd.docker.distribution.manifest.list.v2+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json,application/vnd.docker.distribution.manifest.v2+json"
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
# Architectures, from Docker's name to EC2's.
_AS_EC2 = {"amd64": "x86_64", "arm64": "arm64"}


def findings(tag: str, wanted: set[str]) -> Iterator[Finding]:
    """``wanted``: the machines' architectures, in EC2's names."""
    try:
        found = architectures(tag)
    except urllib.error.HTTPError as error:
        if error.code in (401, 403, 404):
            yield Finding(
                f"DOCKERHUB_TAG: the registry shows no image {tag} to everybody (it says {error.code})",
                "Is it written right, pushed (buildImage --push) and public? For a private one use ECR",
            )
            return
        yield Finding(f"DOCKERHUB_TAG: {tag} could not be looked up: the registry says {error.code}")
    except (OSError, ValueError) as error:
        yield Finding(f"DOCKERHUB_TAG: {tag} could not be looked up: {error}")
    else:
        for one in sorted(wanted - found):
            yield Finding(
                f"DOCKERHUB_TAG: {tag} is for {', '.join(sorted(found))}, and some of MACHINE_TYPE are {one}",
                "Take machine types of the image's architecture, or build it for both",
            )


def registry_place(tag: str) -> tuple[str, str, str]:
    """(URL of the registry, name, tag or digest) of an image named as for `docker pull`."""
    first, slash, rest = tag.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, name = (first, rest) if is_host else ("registry-1.docker.io", tag if slash else f"library/{tag}")
    if "@" in name:
        name, _, reference = name.partition("@")
        name = name.rsplit(":", 1)[0]
    else:
        name, _, reference = name.partition(":")
    scheme = "http" if host.split(":")[0] in ("localhost", "127.0.0.1") else "https"
    return f"{scheme}://{host}", name, reference or "latest"


def architectures(tag: str) -> set[str]:
    """The image's architectures, in EC2's names. Raises OSError, HTTPError, ValueError."""
    address, name, reference = registry_place(tag)
    headers = {"Accept": f"{_INDEX},{_MANIFEST}"}
    manifest = _ask(f"{address}/v2/{name}/manifests/{reference}", headers)
    if "manifests" in manifest:
        found = {one.get("platform", {}).get("architecture", "") for one in manifest["manifests"]}
    elif "config" in manifest:
        found = {_ask(f"{address}/v2/{name}/blobs/{manifest['config']['digest']}", headers)["architecture"]}
    else:
        raise ValueError("the registry answers in a form that is too old")
    return {_AS_EC2.get(one, one) for one in found if one and one != "unknown"}


def _ask(url: str, headers: Mapping[str, str]) -> Any:
    """The JSON document at this URL, using the registry's anonymous token if it requires one."""
    try:
        return _document(url, headers)
    except urllib.error.HTTPError as error:
        challenge = error.headers.get("WWW-Authenticate", "")
        if error.code != 401 or not challenge.startswith("Bearer"):
            raise
        given = dict(_CHALLENGE.findall(challenge))
        query = urllib.parse.urlencode({key: given[key] for key in ("service", "scope") if key in given})
        answer = _document(f"{given['realm']}?{query}", {})
        token = answer.get("token") or answer.get("access_token")
        return _document(url, {**headers, "Authorization": f"Bearer {token}"})


def _document(url: str, headers: Mapping[str, str]) -> Any:
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url} is no address of the web")
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - only http, see above
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310  # nosec B310
        return json.loads(answer.read(4 * 1024 * 1024))
