"""The scenarios' ends as the table of documentation/reliability.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from tests.chaos.stage import Played

_BEGIN, _END = "<!-- written by make chaos -->", "<!-- end -->"
_HEAD = (
    "| scenario | faults | AWS calls | jobs | violations | run again after a fault | seconds | seed |\n"
    "|---|---|---|---|---|---|---|---|\n"
)


@dataclass(frozen=True)
class Row:
    """A scenario's name, what it does, its seed, and its end."""

    name: str
    says: str
    seed: int
    played: Played

    def told(self) -> str:
        """For a terminal: figures, and what is wrong."""
        end = self.played.verdict
        faults = ", ".join(f"{kind} {count}" for kind, count in sorted(self.played.faults.items()))
        lines = [
            f"{end.jobs} jobs, {self.played.calls} calls, {self.played.seconds:.0f} s; faults: {faults}",
            f"lost {len(end.lost)}, doubled {len(end.doubled)}, run again for a fault {end.forced}, "
            f"left over {len(end.left)}, ledger and bucket differ {len(end.disagree)}",
        ]
        wrong = {"lost": end.lost, "doubled": end.doubled, "left over": end.left, "differ": end.disagree}
        return "\n".join(lines + [f"WRONG: {what}: {which[:10]}" for what, which in wrong.items() if which])

    def markdown(self) -> str:
        end = self.played.verdict
        faults = ", ".join(f"{kind}: {count:,}" for kind, count in sorted(self.played.faults.items()))
        counted = {"lost": end.lost, "doubled": end.doubled, "left over": end.left, "differing": end.disagree}
        violations = ", ".join(f"{len(which)} {what}" for what, which in counted.items() if which)
        cells = [
            f"**{self.name}**: {self.says}",
            f"{self.played.faults.total():,} ({faults})",
            f"{self.played.calls:,}",
            f"{end.jobs:,}",
            violations or "0",
            end.forced,
            f"{self.played.seconds:.0f}",
            self.seed,
        ]
        return "| " + " | ".join(map(str, cells)) + " |\n"


def with_rows(text: str, rows: Sequence[Row]) -> str:
    """The page with these rows in place of those of the same scenarios."""
    before, rest = text.split(_BEGIN)
    table, after = rest.split(_END)
    kept = {line.split("**")[1]: line + "\n" for line in table.splitlines() if line.startswith("| **")}
    kept.update({row.name: row.markdown() for row in rows})
    return f"{before}{_BEGIN}\n\n{_HEAD}{''.join(kept.values())}\n{_END}{after}"
