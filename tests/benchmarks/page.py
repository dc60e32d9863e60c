"""The findings as documentation/performance.md: a summary for users, then the log of the benchmark."""

from __future__ import annotations

import os
import platform
import re
from typing import Sequence

from tests.benchmarks.measure import Finding, Samples, ratio

_HEAD = """\
# Benchmarks: speed and overhead

This page shows how fast the toolkit is, and how much time it adds to the work of your tool. For what a run
costs, see [your AWS bill](costs.md).

| task | measured |
|---|---|
{summary}

What this means for your runs:

- The toolkit adds milliseconds to a job. If a job takes a minute or more, you do not notice it.
- If a job takes about a second, put several inputs into one job: this is faster, and AWS's fees for the
  queue and the logs become small beside the price of the machines.
- Submitting a million jobs takes one to two minutes, less than AWS needs to start the machines.

[Very large runs](scaling.md) explains AWS's quotas and how to plan a run of a million jobs or more.

## The log of the benchmark

`make bench` measures all of this and writes this page. Other tools are measured in the same run, on the
same machine and in turn with ours, so ratios hold where absolute times depend on the machine. This run used
Python {python} and {processors} processors.

"least - most" is the spread of all rounds. "ours / this" is the median of our value divided by the other
tool's, round by round. A lower time is better, and a higher rate (per second) is better.
"""
# The lines of the summary: the task, and the beginnings of its finding's title and of the samples' names.
_SUMMARY = (
    (
        "submit 1,000,000 jobs from a table",
        "submitJob: 1,000,000 groups from a CSV file",
        ("1,000,000 groups", "peak memory"),
    ),
    (
        "overhead of the worker for a job",
        "The worker's own time for a job",
        ("the worker", "bare loop"),
    ),
    (
        "upload 1,000 files of 10 KiB",
        "Upload: 1,000 files of 10 KiB",
        ("the worker", "AWS CLI", "s5cmd", "rclone"),
    ),
    (
        "download 1,000 files of 10 KiB",
        "Download: 1,000 files of 10 KiB",
        ("the worker", "AWS CLI", "s5cmd", "rclone"),
    ),
    (
        "upload one file of 256 MiB",
        "Upload: one file of 256 MiB",
        ("the worker", "AWS CLI", "s5cmd", "rclone"),
    ),
    (
        "return a job to the queue when AWS takes the machine back",
        "From SIGTERM to the message visible to others",
        ("the worker",),
    ),
    (
        "rehearse 500 jobs of 0.2 s on 2 processors",
        "A whole local run",
        ("run.py local", "GNU parallel", "Snakemake"),
    ),
    (
        "AWS's fees for queue, logs and alarms of 1,000,000 jobs of a minute",
        "AWS's fees for 1,000,000 jobs, EC2 aside, in dollars",
        ("jobs of 60 s",),
    ),
    ("start `run.py --help`", "`run.py --help`", ("run.py --help",)),
)
_UNMEASURED = "not measured"
_SECTION = "\n### "
_LINE = re.compile(r"^\| ([^|]+) \| [^|]+ \|$", re.MULTILINE)


def page(findings: Sequence[Finding]) -> str:
    """The whole page, as Markdown."""
    head = _HEAD.format(
        summary="\n".join(summary(findings)), python=platform.python_version(), processors=os.cpu_count()
    )
    return "\n".join([head, *(section(finding) for finding in findings)])


def renewed(text: str, findings: Sequence[Finding]) -> str:
    """A page with the sections and the summary of these findings in place of those that have their titles."""
    head, *sections = text.split(_SECTION)
    measured = [line for line in summary(findings) if _UNMEASURED not in line]
    lines = {line.split(" | ")[0]: line for line in measured}
    head = _LINE.sub(lambda one: lines.get("| " + one[1], one[0]), head)
    new = {finding.title: section(finding)[len(_SECTION) - 1 :] for finding in findings}
    kept = [new.pop(one.split("\n", 1)[0], one) for one in sections]
    return _SECTION.join([head, *kept, *new.values()])


def summary(findings: Sequence[Finding]) -> list[str]:
    """The lines of the summary's table; a line whose finding is not among these says so."""
    lines = []
    for task, title, names in _SUMMARY:
        found = [finding for finding in findings if finding.title.startswith(title)]
        lines.append(f"| {task} | {_answer(found[0], names) if found else _UNMEASURED} |")
    return lines


def _answer(finding: Finding, names: Sequence[str]) -> str:
    """Our median, and those of others with their names; beside an amount of dollars, what EC2 costs."""
    ours, *others = (next(one for one in finding.samples if one.name.startswith(name)) for name in names)
    beside = [f"{one.name}: {_figure(one.median, one.unit)}" for one in others]
    if ours.unit == "dollars":
        beside.append(ours.command)
    return "; ".join([_figure(ours.median, ours.unit), *beside])


def section(finding: Finding) -> str:
    """One finding: a table, whether its targets are met, and its limit."""
    ours = finding.samples[0]
    lines = [f"### {finding.title}", ""]
    lines += [
        "| what | command | median | least - most | rounds | ours / this |",
        "|---|---|---|---|---|---|",
    ]
    for one in finding.samples:
        compared = f"{ratio(ours, one):.2f}" if one is not ours and one.unit == ours.unit else ""
        lines.append(
            f"| {one.name} | `{one.command}` | {_figure(one.median, one.unit)} | {_spread(one)} "
            f"| {len(one.values)} | {compared} |"
        )
    lines.append("")
    lines += [f"- {'Target met' if held else '**Target missed**'}: {aim}" for aim, held in finding.held]
    lines += [f"- {remark}" for remark in finding.remarks]
    if finding.limit:
        lines += ["", f"What limits it: {finding.limit}"]
    return "\n".join([*lines, ""])


def _spread(one: Samples) -> str:
    if len(one.values) == 1:
        return ""
    return f"{_figure(min(one.values), '')} - {_figure(max(one.values), '')}"


def _figure(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"
    return f"{text} {unit}".strip()
