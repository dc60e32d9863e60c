"""Plays the scenarios at full size and writes the table of documentation/reliability.md.

python -m tests.chaos [--only load,full-disk] [--seed 7] [--small]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import uuid
from pathlib import Path

from distributed_something.local.emulator import Emulator
from tests.chaos.page import Row, with_rows
from tests.chaos.scenarios import SCENARIOS, Scene

PAGE = Path(__file__).resolve().parents[2] / "documentation" / "reliability.md"
SEED = 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="NAME,...", help=", ".join(SCENARIOS))
    parser.add_argument("--seed", type=int, default=SEED, help="what is drawn from it (default: %(default)s)")
    parser.add_argument("--small", action="store_true", help="as in `make test`; writes no page")
    given = parser.parse_args()
    names = given.only.split(",") if given.only else list(SCENARIOS)
    unknown = set(names) - set(SCENARIOS)
    if unknown:
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}; they are: {', '.join(SCENARIOS)}")
    kept = True
    for name in names:
        row = played(name, given.seed, not given.small)
        kept = kept and row.played.verdict.kept
        if not given.small:
            PAGE.write_text(with_rows(PAGE.read_text(encoding="utf-8"), [row]), encoding="utf-8")
    return 0 if kept else 1


def played(name: str, seed: int, full: bool) -> Row:
    """Play one, told as it comes."""
    print(f"== {name}, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder, Emulator() as emulator:
        scene = Scene(emulator, "chaos" + uuid.uuid4().hex[:8], Path(folder), seed, full)
        row = Row(name, (SCENARIOS[name].__doc__ or "").strip(), seed, SCENARIOS[name](scene))
    print(row.told(), flush=True)
    return row


if __name__ == "__main__":
    sys.exit(main())
