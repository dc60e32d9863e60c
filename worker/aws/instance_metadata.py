"""The instance metadata service of EC2, version 2 only.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
"""

from __future__ import annotations

import urllib.request
from typing import Mapping

_ENDPOINT = "http://169.254.169.254"
_TIMEOUT = 1.0


class InstanceMetadata:
    """A client of the service; outside EC2 it returns nothing."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        given = variables.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "").rstrip("/")
        self._endpoint = given or _ENDPOINT
        #: ECS sets its own variable in every container; without either, a request would only cost time.
        self.there = bool(given or variables.get("ECS_CONTAINER_METADATA_URI_V4"))

    def get(self, path: str) -> str | None:
        """One value, for example ``instance-id``; None if it is not there."""
        if not self.there:
            return None
        try:
            token = self._ask("/latest/api/token", "PUT", "X-aws-ec2-metadata-token-ttl-seconds", "60")
            return self._ask("/latest/meta-data/" + path, "GET", "X-aws-ec2-metadata-token", token)
        except OSError:
            return None

    def _ask(self, path: str, method: str, header: str, value: str) -> str:
        request = urllib.request.Request(  # noqa: S310 - the machine's own metadata service
            self._endpoint + path, method=method, headers={header: value}
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=_TIMEOUT) as answer:
            return str(answer.read().decode("utf-8"))
