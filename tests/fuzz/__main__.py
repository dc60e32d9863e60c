"""`python -m tests.fuzz`: fuzzes every parser and prints how often, how fast, and what was found.

Ends with 1 when a property did not hold: it shows the traceback, and `--again FILE` tries that input alone.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.parsers import PARSERS

CHECKOUT = Path(__file__).resolve().parents[2]
# A try that takes so many seconds, or so much memory, counts as found.
_LIMITS = ("-timeout=300", "-rss_limit_mb=2048", "-max_len=512", "-len_control=0")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--runs", type=int, default=200_000, help="for each parser (default: 200,000)")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of bytes (default: 1)")
    parser.add_argument("--jobs", type=int, default=2, help="parsers at a time (default: 2)")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="for what is found")
    parser.add_argument("--again", type=Path, metavar="FILE", help="try this input only")
    parser.add_argument("parsers", nargs="*", metavar="PARSER", help=", ".join(PARSERS))
    asked = parser.parse_args()
    names = asked.parsers or list(PARSERS)
    if asked.again:
        for name in names:
            PARSERS[name].try_bytes(asked.again.read_bytes())
        return 0
    print(f"{'parser':<22}{'runs':>10}{'seconds':>9}{'features':>10}  found (seed {asked.seed})", flush=True)
    asked.keep.mkdir(exist_ok=True)
    with ThreadPoolExecutor(asked.jobs) as pool:
        ended = list(pool.map(lambda name: fuzz(name, asked.runs, asked.seed, asked.keep), names))
    if not any(asked.keep.iterdir()):
        asked.keep.rmdir()
    print(f"{'in all':<22}{sum(runs for runs, _ in ended):>10,}", flush=True)
    return 1 if any(found for _, found in ended) else 0


def fuzz(name: str, runs: int, seed: int, keep: Path) -> tuple[int, bool]:
    """Fuzz one parser and print its line. Returns (runs, whether something was found)."""
    asked = max(1, int(runs * PARSERS[name].share))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        prefix = f"{keep.resolve()}/{name.replace(' ', '-')}-"
        options = [f"-runs={asked}", f"-seed={seed}", f"-artifact_prefix={prefix}", *_LIMITS]
        told = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.one", name, folder, *options],
            cwd=str(CHECKOUT),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    done = re.findall(r"^#(\d+)\s.*?ft: (\d+)", told.stdout, re.MULTILINE) or [("0", "0")]
    found = told.returncode != 0
    line = f"{name:<22}{int(done[-1][0]):>10,}{time.monotonic() - begun:>9.0f}{int(done[-1][1]):>10,}"
    print(line + ("  SOMETHING:\n" + told.stdout[-6000:] if found else "  nothing"), flush=True)
    return int(done[-1][0]), found


if __name__ == "__main__":
    sys.exit(main())
