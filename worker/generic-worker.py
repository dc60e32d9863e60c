"""The worker's entry: `python generic-worker.py`, with its settings in the environment."""

import sys
from pathlib import Path

# Replaces this folder, so that no module of the worker shadows one of Python's.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from worker.main import main  # noqa: E402 - found through the line above

if __name__ == "__main__":
    sys.exit(main())
