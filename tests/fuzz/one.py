"""Fuzzes one parser: `python -m tests.fuzz.one PARSER FOLDER [libFuzzer's options]`. What it finds ends it.

FOLDER gets the seeds and what is found on the way; what breaks the property is written beside it.
"""

import sys
from pathlib import Path

import atheris


def main():
    name, folder, options = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    with atheris.instrument_imports(include=["distributed_something", "worker"]):
        from tests.fuzz.parsers import PARSERS
    for number, seed in enumerate(PARSERS[name].seeds):
        (folder / f"seed-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], str(folder), *options], PARSERS[name].try_bytes)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
