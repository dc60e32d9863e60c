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
# DS_BENCH_JOBS=5000 for a quick look.
JOBS = int(os.environ.get("DS_BENCH_JOBS", "100000"))
# A quota is met by the first jobs already.
QUOTA_JOBS = min(JOBS, 2000)
_PATIENCE = 3600.0


def measure() -> list[Finding]:
    return [
        _drained(JOBS, "with nothing in their way"),
        _drained(QUOTA_JOBS, "while AWS makes 50 log streams a second", "--streams-per-second", "50"),
        _drained(QUOTA_JOBS, "while SQS allows 300 messages in flight", "--in-flight", "300"),
    ]


def _drained(jobs: int, how: str, *quotas: str) -> Finding:
    with tempfile.TemporaryDirectory() as folder, servers.stub(*quotas) as stub:
        workers.send(stub, jobs)
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
    rate = jobs / (moments["last DeleteMessage"] - moments["first ReceiveMessage"])
    told = sum(seen["ledger"].values())
    whole = seen["objects"] == jobs and not seen["waiting"] and not seen["in_flight"]
    command = f"{PROCESSES} times python -m tests.benchmarks.many_loops {LOOPS // PROCESSES}"
    return Finding(
        f"{LOOPS:,} worker loops process {jobs:,} jobs {how}",
        (
            Samples("jobs", command, "jobs/s", (rate,)),
            Samples("in flight at most", command, "messages", (float(seen["peak_in_flight"]),)),
            Samples("refused by a quota", command, "calls", (float(sum(seen["refused"].values())),)),
            Samples("from start to end", command, "s", (taken,)),
        ),
        (
            (f"every job is done once, and none is left ({seen['objects']:,} results)", whole),
            (f"the ledger has one line for each job ({told:,})", told == jobs),
        ),
        limit="the two processors of this computer, which run all loops and the server.",
        remarks=(
            "This is a simulation: one fast server on this computer acts as SQS, S3 and CloudWatch Logs, "
            "the tool "
            "only writes a file, and 250 workers share a process. All other code is the worker's own.",
        ),
    )
