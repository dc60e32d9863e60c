"""Renders figures and pictures as the HTML page. Text from jobs or logs is always escaped."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from ..errors import UserError
from ..outcomes.attempt_log import FAILED_FOR_GOOD, best_attempts
from . import figures
from .figures import RunFigures
from .run_status import duration

_MEND = 'pip install "matplotlib>=3.5" "jinja2>=3.1.6" (the report alone needs them)'
# So many different reasons are told.
_MOST_REASONS = 50


def load_templates() -> None:
    """Import the drawing libraries, if installed: it takes a second, better spent while jobs still run."""
    with suppress(ImportError):
        import jinja2  # noqa: F401
        import matplotlib.backends.backend_svg
        import matplotlib.figure  # noqa: F401


def render_page(run: RunFigures) -> str:
    """The page. Raises UserError if the drawing libraries are not installed."""
    try:
        import jinja2

        from . import plots

        pictures = plots.draw_plots(run)
    except ImportError as error:
        raise UserError(f"The report cannot be drawn: {error.name} is missing: {_MEND}") from None
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
        Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    )
    failed = [one for one in best_attempts(run.attempts) if one.outcome in FAILED_FOR_GOOD]
    return template.render(
        run=run,
        began=time.strftime("%Y-%m-%d %H:%M", time.gmtime(run.started)),
        lasted=duration(run.ended - run.started),
        tiles=_tiles(run),
        pictures=pictures,
        reasons=figures.reasons(failed, _MOST_REASONS),
        documents=sorted(run.documents.items()),
    )


def _tiles(run: RunFigures) -> list[tuple[str, str, bool]]:
    """(name, value, whether it is bad news)."""
    summary = run.summary
    totals = [sum(parts) for parts in zip(*figures.stages(run).values())]
    tiles = [
        ("jobs done", f"{summary.done:,}", False),
        ("skipped, done before", f"{summary.skipped:,}", False),
        ("failed", f"{summary.failed:,}", summary.failed > 0),
        ("left no file", f"{summary.empty:,}", summary.empty > 0),
        ("attempts", f"{summary.attempts:,}", False),
        ("interrupted", f"{summary.interrupted:,}", False),
        ("median job", duration(figures.percentile(totals, 50)), False),
        ("machine hours", f"{run.machine_hours:,.1f}", False),
    ]
    if run.price is not None:
        tiles.append(("at today's spot prices", f"${run.machine_hours * run.price:,.2f}", False))
    return tiles
