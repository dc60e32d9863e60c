"""The findings as documentation/performance.md."""

from __future__ import annotations

import os
import platform
from typing import Sequence

from tests.benchmarks.measure import Finding, Samples, ratio

_HEAD = """\
# What the toolkit itself costs

Whatever Distributed-Something does must vanish beside your tool, and beside what you would use instead.
`make bench` measures that and writes this page; every figure below was printed by it. Peers are measured in
the same run, on the same machine, in turn with ours, so ratios hold where absolute times depend on the
machine. What the code does when it meets AWS's quotas, and how very large runs are laid out, is in
[scaling.md](scaling.md).

Measured with Python {python} on {processors} processors. "least - most" is the spread of all rounds; a ratio
is the median of ours divided by theirs, round by round. For seconds a smaller figure is better, for a rate
(per second) a larger one.
"""


def page(findings: Sequence[Finding]) -> str:
    """The whole page, as Markdown."""
    head = _HEAD.format(python=platform.python_version(), processors=os.cpu_count())
    return "\n".join([head, *(section(finding) for finding in findings)])


def renewed(text: str, findings: Sequence[Finding]) -> str:
    """A page with the sections of these findings in place of those that have their titles."""
    head, *sections = text.split("\n## ")
    new = {finding.title: section(finding)[len("## ") :] for finding in findings}
    kept = [new.pop(one.split("\n", 1)[0], one) for one in sections]
    return "\n## ".join([head, *kept, *new.values()])


def section(finding: Finding) -> str:
    """One finding: a table, whether its aims hold, and its limit."""
    ours = finding.samples[0]
    lines = [f"## {finding.title}", ""]
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
    lines += [f"- {'Holds' if held else '**Does not hold**'}: {aim}" for aim, held in finding.held]
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
