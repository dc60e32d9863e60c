"""Measures what the toolkit itself costs, beside its peers, and writes documentation/performance.md.

    python -m tests.benchmarks [--only transfer,startup] [--page FILE]

With --only, the sections of these rows are written anew, and the others stay as they are.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from pathlib import Path

from tests.benchmarks.measure import CHECKOUT, Finding
from tests.benchmarks.page import page, renewed, section
from tests.benchmarks.peers import Missing

ROWS = ("startup", "submit", "million", "worker", "transfer", "local_run", "monitor", "cost", "many_workers")
PAGE = CHECKOUT / "documentation" / "performance.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="ROW,...", help=", ".join(ROWS))
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write (default: %(default)s)")
    given = parser.parse_args()
    names = given.only.split(",") if given.only else ROWS
    unknown = set(names) - set(ROWS)
    if unknown:
        parser.error(f"there is no row {', '.join(sorted(unknown))}; they are: {', '.join(ROWS)}")
    # As everywhere but in some images: Python keeps the bytecode of what it has imported, ours like boto3's.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    begun, findings, missing = time.monotonic(), [], []
    for name in names:
        try:
            findings += measured(name)
        except Missing as problem:
            missing.append(f"{name}: {problem}")
            print(f"Not measured, {missing[-1]}", flush=True)
    print(f"{len(findings)} findings in {time.monotonic() - begun:.0f} s", flush=True)
    if missing:
        print("The page is not written: a row is missing", file=sys.stderr)
        return 1
    before = given.page.read_text(encoding="utf-8") if given.only and given.page.exists() else ""
    given.page.write_text(renewed(before, findings) if before else page(findings), encoding="utf-8")
    print(f"Written: {given.page}")
    return 0


def measured(name: str) -> list[Finding]:
    """The findings of one row, told as they come."""
    print(f"== {name}", flush=True)
    begun = time.monotonic()
    found = importlib.import_module(f"tests.benchmarks.rows.{name}").measure()
    for finding in found:
        print(section(finding), flush=True)
    print(f"({name}: {time.monotonic() - begun:.0f} s)\n", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
