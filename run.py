#!/usr/bin/env python
"""Distributed-Something: `python run.py --help` tells what there is."""

import sys

from distributed_something.cli import main  # noqa: E402 - the version is looked at first

if __name__ == "__main__":
    sys.exit(main())
