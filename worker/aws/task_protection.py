"""Task scale-in protection: reports to ECS that this container is busy, so that scale-in spares it.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
ECS protects a whole container, which several workers share: protection ends when the last one is idle.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import urllib.request
from pathlib import Path
from typing import Callable, Mapping

from worker.process_table import lives

# Longer than the longest job plus the pause until it is received again, if a worker dies.
EXPIRES_MINUTES = 14 * 60
RENEW_SECONDS = 3600.0
# The longest delay of a job by a refusal, which does not recur for each job.
_TIMEOUT = 2.0
_AGAIN_AFTER = 60.0


class TaskProtection:
    """One worker's share in its container's protection; does nothing without an ECS agent."""

    def __init__(self, variables: Mapping[str, str], work_folder: str, say: Callable[[str], None]) -> None:
        agent = variables.get("ECS_AGENT_URI", "").rstrip("/")
        self._url = agent and agent + "/task-protection/v1/state"
        self._busy_workers = Path(work_folder) / ".busy-workers"
        self._say = say
        self._next_call = 0.0

    def working(self) -> None:
        """Protect the container until this worker is idle again."""
        if self._url and time.monotonic() >= self._next_call:
            self._tell(busy=True)

    def idle(self) -> None:
        """This worker has nothing to do."""
        if self._url and self._next_call:
            self._tell(busy=False)
            self._next_call = 0.0

    def _tell(self, busy: bool) -> None:
        """Never raises: a container that is stopped unprotected gives its jobs back, so only time is lost."""
        pause = RENEW_SECONDS
        try:
            with open(self._busy_workers, "a+", opener=_opened) as shared:
                fcntl.flock(shared, fcntl.LOCK_EX)  # let go when the file is closed
                shared.seek(0)
                others = {int(one) for one in shared.read().split()} - {os.getpid()}
                now = {one for one in others if lives(one)} | ({os.getpid()} if busy else set())
                shared.truncate(0)
                shared.write(" ".join(map(str, sorted(now))))
                shared.flush()
                if busy or not now:
                    self._put(busy)
        except Exception as error:
            self._say(f"The container could not be {'protected' if busy else 'let go'}: {error}")
            pause = _AGAIN_AFTER
        self._next_call = time.monotonic() + pause

    def _put(self, busy: bool) -> None:
        document: dict[str, object] = {"ProtectionEnabled": busy}
        if busy:
            document["ExpiresInMinutes"] = EXPIRES_MINUTES
        request = urllib.request.Request(  # noqa: S310 - the agent's own address, set by ECS
            self._url,
            data=json.dumps(document).encode("ascii"),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=_TIMEOUT) as answer:
            answer.read()


def _opened(path: str, flags: int) -> int:
    """Open a file without following links, since tools can write to the folder, too."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
