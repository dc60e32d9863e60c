"""1,000 worker loops on one queue, and the quotas that they meet."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks import servers, workers
from tests.benchmarks.measure import CHECKOUT, Finding, Samples

LOOPS, PROCESSES = 1000, 4
# 100,000 take a quarter of an hour on two processors; DS_BENCH_JOBS=100000 makes it so many.
JOBS = int(os.environ.get("DS_BENCH_JOBS", "5000"))
_PATIENCE = 3600.0


def measure() -> list[Finding]:
    return [
        _drained("with nothing in their way"),
        _drained("while AWS makes 50 log streams a second", "--streams-per-second", "50"),
        _drained("while SQS allows 300 messages in flight", "--in-flight", "300"),
    ]


def _drained(how: str, *quotas: str) -> Finding:
    with tempfile.TemporaryDirectory() as folder, servers.stub(*quotas) as stub:
        workers.send(stub, JOBS)
        argv = [sys.executable, "-m", "tests.benchmarks.many_loops", str(LOOPS // PROCESSES)]
        environment = workers.environment(stub, Path(folder), "touch {output}/done", JOB_NAME="{n}")
        before = time.perf_counter()
        loops = [
            subprocess.Popen(argv, env=environment, cwd=str(CHECKOUT), stdout=subprocess.DEVNULL)
            for _ in range(PROCESSES)
        ]
        for process in loops:
            process.wait(_PATIENCE)
        taken = time.perf_counter() - before
        seen = stub.stats()
    moments = seen["moments"]
    rate = JOBS / (moments["last DeleteMessage"] - moments["first ReceiveMessage"])
    told = sum(seen["ledger"].values())
    whole = seen["objects"] == JOBS and not seen["waiting"] and not seen["in_flight"]
    command = f"{PROCESSES} times python -m tests.benchmarks.many_loops {LOOPS // PROCESSES}"
    return Finding(
        f"{LOOPS:,} worker loops drain {JOBS:,} jobs {how}",
        (
            Samples("jobs", command, "jobs/s", (rate,)),
            Samples("in flight at most", command, "messages", (float(seen["peak_in_flight"]),)),
            Samples("refused by a quota", command, "calls", (float(sum(seen["refused"].values())),)),
            Samples("from start to end", command, "s", (taken,)),
        ),
        (
            (f"every job is done once, none is left ({seen['objects']:,} results)", whole),
            (f"the ledger has a line for each ({told:,})", told == JOBS),
        ),
        limit="here two processors, which do the work of all loops and of the server.",
    )
