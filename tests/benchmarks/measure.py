"""Runs what is compared in turn, A B A B ..., and keeps figures with their spread.

A machine's speed drifts while a benchmark runs; what is measured in turn drifts together, so that the ratio
of each pair holds where a single time would not.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Samples:
    """One measured thing: its name, the command or the call behind it, and its values in ``unit``."""

    name: str
    command: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass(frozen=True)
class Finding:
    """One question answered: what was compared, what was aimed at, and what limits further gain.

    ``samples[0]`` is ours. ``held`` tells of each aim, as a sentence, whether it holds; ``limit`` is prose.
    """

    title: str
    samples: tuple[Samples, ...]
    held: tuple[tuple[str, bool], ...] = ()
    limit: str = ""
    remarks: tuple[str, ...] = ()


def in_turn(
    rounds: int, measured: Mapping[str, tuple[str, Callable[[], float]]], unit: str
) -> dict[str, Samples]:
    """Call each once a round. ``measured``: name -> (command as told, function that returns its value)."""
    values: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, (_, function) in measured.items():
            values[name].append(function())
    return {
        name: Samples(name, command, unit, tuple(values[name])) for name, (command, _) in measured.items()
    }


def ratio(ours: Samples, theirs: Samples) -> float:
    """The median of ours over theirs, pair by pair where both were measured equally often."""
    if len(ours.values) == len(theirs.values):
        return statistics.median(one / other for one, other in zip(ours.values, theirs.values))
    return ours.median / theirs.median


def seconds(argv: Sequence[str], **options: Any) -> float:
    """Run a command to its end. Returns its wall-clock seconds; raises CalledProcessError with its output."""
    before = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    return time.perf_counter() - before
