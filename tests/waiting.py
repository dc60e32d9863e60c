"""Waiting for what another process does: until it holds, or until it is clear that it never will."""

from __future__ import annotations

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
