"""Waiting for what another process does: until it holds, or until it is clear that it never will."""

from __future__ import annotations

import socket
import time

# Generous, since a busy machine is no failure.
PATIENCE = 60.0


def wait_until(holds, what, patience=PATIENCE):
    """Ask again and again; fails the test with ``what`` did not come true."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = holds()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"still not so after {patience:.0f} s: {what}")


def listens(port):
    """Whether a server of this computer takes connections at this port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
