# -*- coding: utf-8 -*-
"""Tells ECS that this container is at work, so that scaling in spares it: task scale-in protection.

ECS protects a whole container, and several workers share one: it is let go when the last of them is idle.
"""

from __future__ import division, print_function, unicode_literals

import fcntl
import json
import os
import time

import urllib2

from python2worker.process import lives

# Longer than the longest job and the pause until it is asked for again, if a worker dies with it.
EXPIRES_MINUTES = 14 * 60
RENEW_SECONDS = 3600.0
# A refusal costs no job more than this, and not each job.
_TIMEOUT = 2.0
_AGAIN_AFTER = 60.0


class Protection(object):
    """One worker's part in its container's protection; does nothing where there is no ECS agent."""

    def __init__(self, variables, work_folder, say):
        agent = variables.get("ECS_AGENT_URI", "").rstrip("/")
        self._url = agent and agent + "/task-protection/v1/state"
        self._busy_workers = os.path.join(work_folder, ".busy-workers")
        self._say = say
        self._next_call = 0.0

    def working(self):
        """This worker has a job: the container is protected until it is idle again."""
        if self._url and time.time() >= self._next_call:
            self._tell(True)

    def idle(self):
        """This worker found nothing to do."""
        if self._url and self._next_call:
            self._tell(False)
            self._next_call = 0.0

    def _tell(self, busy):
        """Never raises: an unprotected container that is stopped gives its jobs back, and loses time only."""
        pause, me = RENEW_SECONDS, os.getpid()
        try:
            # Tools write to this folder as well: no link that one of them made is followed.
            number = os.open(self._busy_workers, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            with os.fdopen(number, str("a+")) as shared:
                fcntl.flock(shared, fcntl.LOCK_EX)  # let go when the file is closed
                shared.seek(0)
                now = {one for one in map(int, shared.read().split()) if one != me and lives(one)}
                if busy:
                    now.add(me)
                shared.truncate(0)
                shared.write(str(" ").join(map(str, sorted(now))))
                shared.flush()
                if busy or not now:
                    self._put(busy)
        except Exception as error:
            self._say("The container could not be {0}: {1}".format("protected" if busy else "let go", error))
            pause = _AGAIN_AFTER
        self._next_call = time.time() + pause

    def _put(self, busy):
        document = {"ProtectionEnabled": busy}
        if busy:
            document["ExpiresInMinutes"] = EXPIRES_MINUTES
        headers = {str("Content-Type"): str("application/json")}
        request = urllib2.Request(str(self._url), data=json.dumps(document).encode("ascii"), headers=headers)
        request.get_method = lambda: str("PUT")
        urllib2.build_opener(urllib2.ProxyHandler({})).open(request, timeout=_TIMEOUT).read()
