"""What is there at the end of a scenario, held against what must be: pure, from plain facts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Facts:
    """What was found. Jobs are named as in the job file.

    ``files``: files that each job leaves. ``failing``: jobs whose tool always fails. ``runs``: the jobs whose
    tool was started, once for each start. ``excused``: jobs that a fault may have made run again.
    ``objects``: key -> content of the results. ``ledger``: its lines. ``dead``: jobs in the dead-letter
    queue. ``left``: everything else that is still there, each with a word of what it is.
    """

    jobs: list[str]
    files: int
    failing: frozenset[str]
    runs: list[str]
    excused: set[str]
    objects: dict[str, str]
    ledger: list[dict]
    dead: list[str]
    left: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """``lost``: jobs without their whole result, or that failed and are not told as dead with a reason.

    ``doubled``: jobs whose tool ran again without a fault. ``forced``: runs that faults made needed.
    ``disagree``: jobs of which ledger and bucket tell different things.
    """

    jobs: int
    lost: list[str]
    doubled: list[str]
    forced: int
    disagree: list[str]
    left: list[str]

    @property
    def kept(self) -> bool:
        return not (self.lost or self.doubled or self.disagree or self.left)


def judge(facts: Facts) -> Verdict:
    whole = {job for job in facts.jobs if _is_whole(facts, job)}
    reasons = {line["job"] for line in facts.ledger if line["outcome"] != "SUCCESS" and line["reason"]}
    told = {job for job in facts.dead if job in reasons}
    lost = [
        _with_reason(job, facts.ledger)
        for job in facts.jobs
        if (job not in told if job in facts.failing else job not in whole)
    ]

    again = {job: count - 1 for job, count in Counter(facts.runs).items() if count > 1}
    failed = {line["job"] for line in facts.ledger if line["outcome"] not in ("SUCCESS", "ALREADY_DONE")}
    doubled = [job for job in again if job not in facts.excused and job not in failed]
    forced = sum(again[job] for job in again if job not in facts.failing and job not in doubled)

    done = {line["job"] for line in facts.ledger if line["outcome"] in ("SUCCESS", "ALREADY_DONE")}
    disagree = sorted(done ^ whole)
    named = {f"results/{job}/{i}.txt" for job in facts.jobs for i in range(facts.files)}
    strange = [f"the object {key}" for key in sorted(set(facts.objects) - named)]
    return Verdict(len(facts.jobs), sorted(lost), sorted(doubled), forced, disagree, facts.left + strange)


def _with_reason(job: str, ledger: list[dict]) -> str:
    """The job and how its last attempt ended, if there was one."""
    ends = [f"{line['outcome']}: {line['reason']}" for line in ledger if line["job"] == job]
    return f"{job} ({ends[-1]})" if ends else job


def content(job: str, number: int) -> str:
    """What tool.sh writes."""
    return f"file {number} of job {job}\n"


def _is_whole(facts: Facts, job: str) -> bool:
    return all(facts.objects.get(f"results/{job}/{i}.txt") == content(job, i) for i in range(facts.files))
