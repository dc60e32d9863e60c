"""submitJob: 10,000 groups at two distances from SQS, beside what boto3 does with nothing around it."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import servers
from tests.benchmarks.measure import CHECKOUT, Finding, in_turn, ratio, seconds
from tests.benchmarks.project import write_config

GROUPS = 10_000
# At 20 ms one message a call takes minutes for all of them; so many tell the rate as well.
ONE_AT_A_TIME = 500
ROUNDS = 3


def measure() -> list[Finding]:
    return [_at(0.0), _at(0.02)]


def _at(delay: float) -> Finding:
    with tempfile.TemporaryDirectory() as scratch, servers.stub("--delay", str(delay)) as stub:
        root, environment = Path(scratch), stub.environment()
        config = write_config(root)
        jobs = root / "job.json"
        groups = [{"Metadata": f"W{number:06}"} for number in range(GROUPS)]
        jobs.write_text(json.dumps({"input": "images", "output": "results", "groups": groups}))
        url = stub.url + "/000000000000/BenchQueue"
        ours = [sys.executable, str(CHECKOUT / "run.py"), "--config", str(config), "submitJob", str(jobs)]
        send = [sys.executable, "-m", "tests.benchmarks.send"]

        def rate(argv: list[str], messages: int) -> float:
            return messages / seconds(argv, env=environment, cwd=str(root))

        found = in_turn(
            ROUNDS,
            {
                "submitJob": ("python run.py submitJob job.json", lambda: rate(ours, GROUPS)),
                "batches of 10 in 16 threads": (
                    f"python -m tests.benchmarks.send batches {GROUPS}",
                    lambda: rate([*send, "batches", url, str(GROUPS)], GROUPS),
                ),
                "one message a call": (
                    f"python -m tests.benchmarks.send one {ONE_AT_A_TIME}",
                    lambda: rate([*send, "one", url, str(ONE_AT_A_TIME)], ONE_AT_A_TIME),
                ),
            },
            "messages/s",
        )
    mine, batches, one = found.values()
    held = [
        (
            f"at least 90 % of bare batches (measured: {100 * ratio(mine, batches):.0f} %)",
            ratio(mine, batches) >= 0.9,
        )
    ]
    if delay:
        held.append(
            (
                f"at least 100 times the rate of single messages (measured: {ratio(mine, one):.0f} times)",
                ratio(mine, one) >= 100,
            )
        )
    return Finding(
        f"submitJob: {GROUPS:,} groups, SQS {1000 * delay:.0f} ms away",
        tuple(found.values()),
        tuple(held),
        limit="the client's processor: a boto3 call takes about two milliseconds of it, and Python's threads "
        "share one processor. submitJob also reads the job file, checks every job, and looks for duplicate "
        "names.",
        remarks=("Each figure is for a whole process, including Python's start and boto3's import.",),
    )
