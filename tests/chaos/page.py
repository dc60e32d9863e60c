"""The scenarios' ends as the table of documentation/reliability.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from tests.chaos.stage import Played

_BEGIN, _END = "<!-- written by make chaos -->", "<!-- end -->"
_HEAD = (
    "| scenario | faults injected | calls | jobs | lost | doubled | run again for a fault | left over | "
    "ledger and bucket differ | seconds | command |\n|---|---|---|---|---|---|---|---|---|---|---|\n"
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
        faults = ", ".join(f"{count} {kind}" for kind, count in sorted(self.played.faults.items()))
        cells = [
            f"**{self.name}**: {self.says}",
            f"{self.played.faults.total():,}: {faults}",
            f"{self.played.calls:,}",
            f"{end.jobs:,}",
            len(end.lost),
            len(end.doubled),
            end.forced,
            len(end.left),
            len(end.disagree),
            f"{self.played.seconds:.0f}",
            f"`python -m tests.chaos --only {self.name} --seed {self.seed}`",
        ]
        return "| " + " | ".join(map(str, cells)) + " |\n"


def with_rows(text: str, rows: Sequence[Row]) -> str:
    """The page with these rows in place of those of the same scenarios."""
    before, rest = text.split(_BEGIN)
    table, after = rest.split(_END)
    kept = {line.split("**")[1]: line + "\n" for line in table.splitlines() if line.startswith("| **")}
    kept.update({row.name: row.markdown() for row in rows})
    return f"{before}{_BEGIN}\n\n{_HEAD}{''.join(kept.values())}\n{_END}{after}"
