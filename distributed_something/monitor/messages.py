"""The e-mails about a run, as (subject, text). Pure."""

from __future__ import annotations

from typing import Tuple

from ..outcomes import attempt_log
from ..run.monitor_file import MonitorFile

Mail = Tuple[str, str]

# The most failed jobs named in an e-mail, and in the summary in the bucket.
MOST_FAILURES = 100


def figures(summary: attempt_log.Summary, run_file: MonitorFile, dead: int) -> list[str]:
    """The summary in two lines."""
    return [
        f"{run_file.app_name}: {summary.done:,} jobs done, {summary.skipped:,} skipped (done before), "
        f"{summary.failed:,} failed; {summary.attempts:,} attempts, {summary.interrupted:,} interrupted",
        f"Still in the dead-letter queue {run_file.dead_letter_queue}: {dead:,}",
    ]


def warnings(summary: attempt_log.Summary) -> list[str]:
    """What is odd about the jobs that are done."""
    lines = []
    if summary.empty:
        lines.append(
            f"WARNING: {summary.empty:,} of {summary.done:,} jobs left no file. Look at the log of one "
            "(`logs JOB`); if no file is expected, set EXPECTED_NUMBER_FILES = 0"
        )
    if summary.fewer:
        lines.append(
            f"WARNING: {summary.fewer:,} of {summary.done:,} jobs left fewer files than EXPECTED_NUMBER_FILES"
        )
    return lines


def failures(summary: attempt_log.Summary, most: int) -> list[str]:
    """The failed jobs with their reasons, and the number of further ones."""
    lines = [f"  failed: {failure}" for failure in summary.failures[:most]]
    more = summary.failed - len(lines)
    return lines + ([f"  and {more:,} more"] if more > 0 else [])


def run_ended(run_file: MonitorFile, summary: attempt_log.Summary, dead: int) -> Mail:
    """The run has ended."""
    outcome = "all jobs done"
    if summary.failed or dead:
        outcome = f"{summary.failed:,} jobs failed"
    elif summary.empty:
        outcome = f"{summary.empty:,} of {summary.done:,} jobs left no file"
    text = [
        *figures(summary, run_file, dead),
        *warnings(summary),
        *failures(summary, MOST_FAILURES),
        "",
        f"Nothing of the run costs money any more. Its logs lie in s3://{run_file.bucket_name}/exportedlogs/.",
    ]
    return f"{run_file.app_name} has ended: {outcome}", "\n".join(text)


def run_stranded(run_file: MonitorFile, why: str) -> Mail:
    """Jobs are left, but no machines."""
    text = (
        f"{why}. The jobs are still in the queue {run_file.queue_name}, and no machine runs or costs money. "
        "Start machines again:  python run.py startCluster FLEETFILE"
    )
    return f"{run_file.app_name} has stopped: jobs are left, but no machines", text


def teardown_refused(run_file: MonitorFile, refused: list[str]) -> Mail:
    """The teardown could not be completed."""
    lines = "\n".join("- " + one for one in refused)
    text = (
        f"The jobs of {run_file.app_name} are done, but not everything could be removed:\n{lines}\n"
        f"Finish it with:  python run.py monitor files/{run_file.monitor_file_name}"
    )
    return f"{run_file.app_name} has ended, but something is left", text
