"""What a worker costs beside the tool: its time for a job, to the first one, and to give one back."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks import servers, workers
from tests.benchmarks.measure import CHECKOUT, Finding, in_turn, ratio

# Enough to be more than the worker's first second, and its last one.
JOBS = 1000
ROUNDS = 5
_PATIENCE = 120.0
# It writes what the bare loop writes; the bare loop has no shell.
_TOOL = "sh -c 'echo {n!q} > {output}/n.txt'"


def measure() -> list[Finding]:
    return [_each_job(), _first_job(), _giving_back()]


def _each_job() -> Finding:
    def milliseconds(start) -> float:
        """From the first message's receipt to the last one's deletion, for each job."""
        with tempfile.TemporaryDirectory() as folder, servers.stub() as stub:
            workers.send(stub, JOBS)
            with start(stub, Path(folder)) as process:
                process.wait(_PATIENCE)
            seen = stub.stats()
            assert seen["objects"] == JOBS and not seen["waiting"] and not seen["in_flight"], seen
            moments = seen["moments"]
            return 1000 * (moments["last DeleteMessage"] - moments["first ReceiveMessage"]) / JOBS

    found = in_turn(
        ROUNDS,
        {
            "the worker": (
                "python worker/generic-worker.py",
                lambda: milliseconds(lambda stub, folder: workers.start(stub, folder, _TOOL)),
            ),
            "bare loop": ("python -m tests.benchmarks.bare_worker", lambda: milliseconds(_bare)),
        },
        "ms/job",
    )
    ours, bare = found.values()
    return Finding(
        f"The worker's own time for a job: {JOBS} jobs of `echo`",
        (ours, bare),
        ((f"at most twice the bare loop (measured: {ratio(ours, bare):.2f} times)", ratio(ours, bare) <= 2),),
        limit="three AWS calls, which the bare loop makes too, and starting a process. The worker also "
        "creates "
        "three folders, sends a heartbeat, streams the tool's lines, and writes the job's log and the "
        "ledger in "
        "another thread of the same processor. It receives messages by boto3: our own client, which takes "
        "half a millisecond less, must not repeat a receipt.",
    )


def _bare(stub: servers.StubServer, folder: Path) -> subprocess.Popen:
    argv = [sys.executable, "-m", "tests.benchmarks.bare_worker", workers.queue_url(stub), "bench-bucket"]
    return subprocess.Popen(argv, env=stub.environment(), cwd=str(CHECKOUT))


def _first_job() -> Finding:
    def to_first_receipt(start) -> float:
        with tempfile.TemporaryDirectory() as folder, servers.stub() as stub:
            before = time.time()
            with start(stub, Path(folder)) as process:
                process.wait(_PATIENCE)
            return stub.stats()["moments"]["first ReceiveMessage"] - before

    found = in_turn(
        ROUNDS,
        {
            "the worker": (
                "python worker/generic-worker.py",
                lambda: to_first_receipt(lambda stub, folder: workers.start(stub, folder, _TOOL)),
            ),
            "bare import and client": (
                "python -m tests.benchmarks.bare_worker",
                lambda: to_first_receipt(_bare),
            ),
        },
        "s",
    )
    ours, bare = found.values()
    return Finding(
        "From the start of the worker's process to its first job",
        (ours, bare),
        (
            (
                f"at most 1.5 times bare boto3 (measured: {ratio(ours, bare):.2f} times)",
                ratio(ours, bare) <= 1.5,
            ),
        ),
        limit="importing boto3 and creating its clients, which is nearly all of both times.",
    )


def _giving_back() -> Finding:
    def seconds_to_visible() -> float:
        with tempfile.TemporaryDirectory() as folder, servers.stub() as stub:
            workers.send(stub, 1)
            begun = Path(folder) / "begun"
            command = f"sh -c 'touch {begun}; sleep 60'"
            with workers.start(stub, Path(folder), command) as process:
                while not begun.exists():
                    time.sleep(0.02)
                asked = time.time()
                process.send_signal(signal.SIGTERM)
                process.wait(_PATIENCE)
            return stub.stats()["moments"]["given back"] - asked

    found = in_turn(ROUNDS, {"the worker": ("kill -TERM, in the middle of a job", seconds_to_visible)}, "s")
    ours = found["the worker"]
    return Finding(
        "From SIGTERM to the message visible to others",
        (ours,),
        ((f"under 0.5 s (at most {max(ours.values):.2f} s)", max(ours.values) < 0.5),),
        limit="the worker checks every 0.2 s whether it must stop.",
    )
