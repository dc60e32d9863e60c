"""What AWS takes for the toolkit itself, for a million jobs: calls and bytes as a real worker makes them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks import servers, workers
from tests.benchmarks.measure import Finding, Samples

JOBS = 200
MILLION = 1_000_000
# Dollars, us-east-1, as AWS lists them in November 2026: https://aws.amazon.com/sqs/pricing/,
# https://aws.amazon.com/cloudwatch/pricing/, https://aws.amazon.com/lambda/pricing/,
# https://aws.amazon.com/eventbridge/pricing/, https://aws.amazon.com/ec2/pricing/on-demand/
SQS_CALL = 0.40 / MILLION
LOGS_GIGABYTE = 0.50
ALARM_MONTH = 0.10
DASHBOARD_MONTH = 3.00
LAMBDA_CALL, LAMBDA_GB_SECOND = 0.20 / MILLION, 0.0000166667
SCHEDULE_CALL = 1.00 / MILLION
# An m5.large has two virtual processors; a job is given one of them.
MACHINE_HOUR, JOBS_EACH = 0.096, 2
_HOURS_A_MONTH = 730.0
# One look of the Lambda function: seconds, and its memory in GB (aws/function.py).
_LOOK_SECONDS, _LOOK_GB = 3.0, 0.25
_VISIBILITY = 60


def measure() -> list[Finding]:
    calls, log_bytes = _of_one_job()
    dollars = {seconds: _dollars(seconds, calls, log_bytes) for seconds in (1, 60, 600)}
    machine = MACHINE_HOUR / 3600 / JOBS_EACH
    samples, held = [], []
    for seconds, parts in dollars.items():
        whole, work = sum(parts.values()), MILLION * seconds * machine
        share = 100 * whole / work
        told = ", ".join(f"{name} {part:.2f}" for name, part in parts.items())
        samples.append(
            Samples(f"jobs of {seconds} s: {told}", f"EC2: {work:,.2f} dollars", "dollars", (whole,))
        )
        held.append(
            (f"under 1 % of EC2's price for jobs of {seconds} s (measured: {share:.2f} %)", share < 1)
        )
    return [
        Finding(
            "AWS's fees for 1,000,000 jobs, EC2 aside, in dollars",
            tuple(samples),
            tuple(held),
            limit="SQS alone, for jobs of a second: each message is received and deleted, and two calls at "
            f"$0.40 a million cost {100 * 2 * SQS_CALL / machine:.1f} % as much as a processor for a "
            "second. Put "
            "several inputs into one job, which is cheaper and faster. The rest is the bytes of the logs.",
            remarks=(
                f"Measured with a real worker and {JOBS} jobs: {calls:.2f} SQS calls and "
                f"{log_bytes:,.0f} bytes of "
                "logs for each job, including one line of the tool's own and its copy in the container's "
                "output.",
                "Prices are those of us-east-1 in November 2026, without any free tier: SQS $0.40 a million "
                "calls, CloudWatch Logs $0.50 a GB taken in, an alarm $0.10 a month, a dashboard $3 a month, "
                "Lambda $0.20 a million and $0.0000166667 a GB-second, a schedule $1 a million, m5.large "
                f"${MACHINE_HOUR} an hour on demand for two jobs at a time, on 100 machines. The tool's "
                "own writes "
                "to S3 are not included.",
            ),
        )
    ]


def _of_one_job() -> tuple[float, float]:
    """Calls of SQS and bytes of logs for each job, as a real worker makes them."""
    with tempfile.TemporaryDirectory() as folder, servers.stub() as stub:
        workers.send(stub, JOBS)
        said = Path(folder) / "said.txt"
        with said.open("w") as out:
            command = "sh -c 'echo {n!q} | tee {output}/n.txt'"
            with workers.start(stub, Path(folder), command, output=out) as process:
                process.wait(120)
        seen = stub.stats()
        assert seen["objects"] == JOBS
        calls = sum(
            seen["calls"].get(name, 0) for name in ("SendMessageBatch", "ReceiveMessage", "DeleteMessage")
        )
        # The container's output goes to CloudWatch as well; each event counts 26 bytes more than its text.
        lines = said.read_text().splitlines()
        return calls / JOBS, (seen["log_bytes"] + sum(len(line) + 26 for line in lines)) / JOBS


def _dollars(seconds: int, calls: float, log_bytes: float, machines: int = 100) -> dict[str, float]:
    heartbeats = int(seconds / (_VISIBILITY / 3))
    hours = MILLION * seconds / JOBS_EACH / machines / 3600
    looks = hours * 60
    return {
        "SQS": MILLION * (calls + heartbeats) * SQS_CALL,
        "logs": MILLION * log_bytes / 1e9 * LOGS_GIGABYTE,
        "alarms": machines * ALARM_MONTH * hours / _HOURS_A_MONTH,
        "dashboard": DASHBOARD_MONTH * hours / _HOURS_A_MONTH,
        "monitor": looks * (LAMBDA_CALL + SCHEDULE_CALL + _LOOK_SECONDS * _LOOK_GB * LAMBDA_GB_SECOND),
    }
