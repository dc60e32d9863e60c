"""submitJob with a million groups: how much memory, and whether time grows in proportion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

from tests.benchmarks import servers
from tests.benchmarks.measure import CHECKOUT, Finding, Samples
from tests.benchmarks.project import write_config

FEW, MANY = 100_000, 1_000_000
_MEGABYTE = 1000 * 1000


def measure() -> list[Finding]:
    return [_submitted("a CSV file", _table), _submitted("a matrix", _matrix)]


def _table(folder: Path, jobs: int) -> dict[str, object]:
    with (folder / "groups.csv").open("w") as table:
        table.write("Plate,Well\n")
        table.writelines(f"P{number // 1000:04},W{number % 1000:03}\n" for number in range(jobs))
    return {"groups": "groups.csv"}


def _matrix(folder: Path, jobs: int) -> dict[str, object]:
    plates = [f"P{number:04}" for number in range(jobs // 1000)]
    return {"groups": {"matrix": {"Plate": plates, "Well": [f"W{number:03}" for number in range(1000)]}}}


def _submitted(what: str, groups: Callable[[Path, int], dict[str, object]]) -> Finding:
    few_seconds, _ = _submit(FEW, groups)
    seconds, memory = _submit(MANY, groups)
    growth = seconds / few_seconds / (MANY / FEW)
    command = "python run.py submitJob job.json"
    return Finding(
        f"submitJob: {MANY:,} groups from {what}",
        (
            Samples(f"{MANY:,} groups", command, "s", (seconds,)),
            Samples(f"{FEW:,} groups", command, "s", (few_seconds,)),
            Samples("peak memory", command, "MB", (memory,)),
        ),
        (
            (f"under 100 MB ({memory:.0f} MB)", memory < 100),
            (
                f"time grows linearly (ten times the groups took {10 * growth:.1f} times as long)",
                growth < 1.2,
            ),
        ),
        limit="the client's processor, as for 10,000 groups.",
    )


def _submit(jobs: int, groups: Callable[[Path, int], dict[str, object]]) -> tuple[float, float]:
    """Returns seconds and megabytes of the whole process."""
    with tempfile.TemporaryDirectory() as scratch, servers.stub("--forget") as stub:
        folder = Path(scratch)
        config = write_config(folder, COMMAND="echo {Plate} {Well}")
        job_file = folder / "job.json"
        job_file.write_text(json.dumps({"input": "images", "output": "results", **groups(folder, jobs)}))
        argv = [sys.executable, str(CHECKOUT / "run.py"), "--config", str(config), "submitJob", str(job_file)]
        before = time.perf_counter()
        process = subprocess.Popen(
            argv, env=stub.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        taken = time.perf_counter() - before
        assert process.returncode == 0 and stub.stats()["sent"] == jobs
        return taken, used.ru_maxrss * 1024 / _MEGABYTE
