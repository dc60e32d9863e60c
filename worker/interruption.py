"""Reasons to stop the worker: a signal, or EC2's two-minute notice of a spot interruption.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
"""

from __future__ import annotations

import threading

from worker.aws.instance_metadata import InstanceMetadata

_LOOK_EVERY = 5.0


class Stop:
    """A request to stop; the first reason is kept."""

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
        """Sleep until asked to stop. Returns whether it was."""
        return self._asked.wait(seconds)


class SpotWatch:
    """Looks for the interruption notice, on EC2 only."""

    def __init__(self, metadata: InstanceMetadata) -> None:
        self._metadata = metadata

    def start(self, stop: Stop) -> None:
        """Look now, and then every five seconds in the background."""
        if not self._metadata.there:
            return
        self._look(stop)
        threading.Thread(target=self._follow, args=(stop,), name="spot-watch", daemon=True).start()

    def _follow(self, stop: Stop) -> None:
        while not stop.wait(_LOOK_EVERY):
            self._look(stop)

    def _look(self, stop: Stop) -> None:
        # instance-action is 404 until the notice.
        if self._metadata.get("spot/instance-action") is not None:
            stop.ask("EC2 takes this spot machine back")
