"""Why the worker must stop: a signal, or the notice that EC2 takes the spot machine back in two minutes.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
"""

from __future__ import annotations

import threading
import urllib.request
from typing import Mapping

_ENDPOINT = "http://169.254.169.254"
_LOOK_EVERY = 5.0
_TIMEOUT = 1.0


class Stop:
    """Asked of the worker once; the first reason stays."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self.reason = ""

    def ask(self, reason: str) -> None:
        if not self._asked.is_set():
            self.reason = reason
            self._asked.set()

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep, unless asked to stop meanwhile. Returns whether it was."""
        return self._asked.wait(seconds)


class SpotWatch:
    """Looks for the interruption notice, on machines of EC2 only."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        given = variables.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "").rstrip("/")
        self._endpoint = given or _ENDPOINT
        self._on_ec2 = bool(given or variables.get("ECS_CONTAINER_METADATA_URI_V4"))

    def start(self, stop: Stop) -> None:
        """Look once now, and then every five seconds in the background."""
        if not self._on_ec2:
            return
        self._look(stop)
        threading.Thread(target=self._follow, args=(stop,), name="spot-watch", daemon=True).start()

    def _follow(self, stop: Stop) -> None:
        while not stop.wait(_LOOK_EVERY):
            self._look(stop)

    def _look(self, stop: Stop) -> None:
        if self._noticed():
            stop.ask("EC2 takes this spot machine back")

    def _noticed(self) -> bool:
        """Whether instance-action is there; it is 404 until the notice. IMDSv2: a token comes first."""
        try:
            token = self._ask("/latest/api/token", "PUT", "X-aws-ec2-metadata-token-ttl-seconds", "60")
            self._ask("/latest/meta-data/spot/instance-action", "GET", "X-aws-ec2-metadata-token", token)
        except OSError:
            return False
        return True

    def _ask(self, path: str, method: str, header: str, value: str) -> str:
        request = urllib.request.Request(  # noqa: S310 - the machine's own metadata service
            self._endpoint + path, method=method, headers={header: value}
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=_TIMEOUT) as answer:
            return str(answer.read().decode("utf-8"))
