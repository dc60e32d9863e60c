"""Draws the report's pictures as SVG in data URLs, which stay sharp and cannot run scripts."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Callable

from . import figures
from .figures import RunFigures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DONE, _FAILED, _INTERRUPTED, _GREY = "#2a7f62", "#c2452d", "#d9a441", "#5b6770"


def draw_plots(run: RunFigures) -> list[tuple[str, str]]:
    """[(title, data URL)] of all pictures for which the run has data."""
    pictures: list[tuple[str, Callable[[Axes, RunFigures], None], bool]] = [
        ("Jobs and machines over time", _timeline, bool(run.attempts)),
        ("How long a job took", _durations, any(figures.stages(run)["tool"])),
        ("Download, tool, upload", _stages, any(figures.stages(run)["tool"])),
        ("Attempts for a job", _attempts, bool(run.attempts)),
        ("Memory and disk of the machines", _health, bool(run.health)),
    ]
    return [(title, _drawn(draw, run)) for title, draw, possible in pictures if possible]


def _drawn(draw: Callable[[Axes, RunFigures], None], run: RunFigures) -> str:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"svg.hashsalt": "report", "svg.fonttype": "path", "font.size": 9}):
        figure = Figure(figsize=(8.6, 3.0), constrained_layout=True)
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        axes.locator_params(axis="y", integer=True)
        draw(axes, run)
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode("ascii")


def _timeline(axes: Axes, run: RunFigures) -> None:
    unit, name = _unit(run.ended - run.started)
    marks = [(moment - run.started) / unit for moment in figures.edges(run)]
    below = [0] * run.columns
    found = figures.ended_per_column(run)
    for kind, colour in (("done", _DONE), ("failed", _FAILED), ("interrupted", _INTERRUPTED)):
        top = [a + b for a, b in zip(below, found[kind])]
        axes.stairs(top, marks, baseline=below, fill=True, color=colour, label=kind)
        below = top
    axes.set_xlabel(f"{name} since the start")
    axes.set_ylabel("attempts that ended")
    machines = axes.twinx()
    machines.step(marks[:-1], figures.machines_per_column(run), where="post", color=_GREY, label="machines")
    machines.set_ylabel("machines")
    machines.set_ylim(bottom=0)
    handles = axes.get_legend_handles_labels(), machines.get_legend_handles_labels()
    axes.legend(
        handles[0][0] + handles[1][0],
        handles[0][1] + handles[1][1],
        frameon=False,
        ncol=4,
        loc="lower left",
        bbox_to_anchor=(0, 1),
    )


def _durations(axes: Axes, run: RunFigures) -> None:
    stages = figures.stages(run)
    totals = [sum(parts) for parts in zip(*stages.values())]
    unit, name = _unit(figures.percentile(totals, 99))
    most = figures.percentile(totals, 99.5) / unit
    shown, bins = [min(one / unit, most) for one in totals], min(60, max(10, len(totals) // 4))
    axes.hist(shown, bins=bins, histtype="stepfilled", color=_DONE)
    for percent in (50, 95):
        value = figures.percentile(totals, percent) / unit
        axes.axvline(value, color=_GREY, linestyle="--", linewidth=1)
        axes.annotate(
            f"{percent} %", (value, 1.02), xycoords=("data", "axes fraction"), color=_GREY, ha="center"
        )
    axes.set_xlabel(f"{name} for a job that was done (the longest 0.5 % in the last column)")
    axes.set_ylabel("jobs")


def _stages(axes: Axes, run: RunFigures) -> None:
    stages = figures.stages(run)
    unit, name = _unit(max(figures.percentile(values, 95) for values in stages.values()))
    for row, values in enumerate(stages.values()):
        low, middle, high = (figures.percentile(values, percent) / unit for percent in (5, 50, 95))
        axes.plot([low, high], [row, row], color=_GREY, linewidth=6, alpha=0.4, solid_capstyle="butt")
        axes.plot([middle], [row], "o", color=_DONE)
        axes.annotate(f"  {middle:.3g}", (middle, row + 0.12), color=_DONE)
    axes.set_yticks(range(len(stages)), list(stages))
    axes.set_ylim(-0.5, len(stages) - 0.4)
    axes.set_xlabel(f"{name}: the median, and from 5 to 95 % of the jobs")


def _attempts(axes: Axes, run: RunFigures) -> None:
    found = figures.attempts_per_job(run)
    bars = axes.bar([str(number) for number in found], list(found.values()), 0.4, color=_DONE)
    axes.set_xlim(-0.8, max(2.0, len(found) - 0.2))
    axes.bar_label(bars, [f"{count:,}" for count in found.values()])
    axes.set_xlabel("attempts")
    axes.set_ylabel("jobs")


def _health(axes: Axes, run: RunFigures) -> None:
    unit, name = _unit(run.ended - run.started)
    when = [(one.when - run.started) / unit for one in run.health]
    for values, colour, label in (
        ([one.memory for one in run.health], _DONE, "memory"),
        ([one.disk for one in run.health], _INTERRUPTED, "disk"),
    ):
        columns: dict[int, float] = {}
        step = max(max(when, default=0.0), 1e-9) / run.columns
        for moment, value in zip(when, values):
            column = int(moment / step)
            columns[column] = max(columns.get(column, 0.0), value)
        xs = sorted(columns)
        axes.plot([x * step for x in xs], [columns[x] for x in xs], color=colour, label=label)
    axes.set_ylim(0, 105)
    axes.set_xlabel(f"{name} since the start")
    axes.set_ylabel("% used, on the fullest machine")
    axes.legend(frameon=False)


def _unit(seconds: float) -> tuple[float, str]:
    """(seconds per unit, its name) of the unit that suits a span of time."""
    if seconds < 180:
        return 1.0, "seconds"
    return (60.0, "minutes") if seconds < 3 * 3600 else (3600.0, "hours")
