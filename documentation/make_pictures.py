"""Makes the guide's pictures again, from real runs: `.venv/bin/python documentation/make_pictures.py`.

Types the commands of the guide's own pages against an emulated AWS, with machines that are processes of this
computer, and takes pictures of what a user sees: the terminal (drawn by rich), the report and a result. Needs
what `make test` installs, and Chromium. Look at the pictures before you commit them.
"""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Tuple

from PIL import Image, ImageChops
from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

CHECKOUT = Path(__file__).resolve().parents[1]
PICTURES = CHECKOUT / "documentation" / "pictures"
sys.path.insert(0, str(CHECKOUT))

from tests.browser import LACKING, find_chromium, headless  # noqa: E402 - found by the line above
from tests.guide.pages import Block, blocks  # noqa: E402
from tests.guide.walk import Walk  # noqa: E402
from tests.waiting import wait_until  # noqa: E402

# What was typed, and what it printed.
Typed = Tuple[str, str]
# rich's own, without the font that it would fetch from the internet.
_SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
# The pages that lead to the run of step 4, which the pictures show.
_PAGES = ("step_0_account.md", "step_1_config.md", "step_2_jobs.md", "step_3_fleet.md")
# The jobs of a page are done before one could look at them: here they take some seconds more.
_PAUSE = "import argparse\nimport time\n\ntime.sleep(12)\n"


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Walk(Path(folder)) as walk:
        demo = type_in(walk, "make demo")
        results = walk.clone / "demo-results" / "results"
        save(Image.open(results / "coins.png-otsu" / "outlines.png"), PICTURES / "coins.png", 96)
        save(overview(demo, results / "coins.png-otsu", Path(folder)), PICTURES / "overview.png", 128)
        status = a_run(walk)
        (PICTURES / "status.svg").write_text(terminal([status], 100), encoding="utf-8")
        save(photograph(walk.clone / "files" / "Coins-report.html", 1100, 1060), PICTURES / "report.png", 128)
    for path in sorted(PICTURES.iterdir()):
        print(f"{path.relative_to(CHECKOUT)}: {path.stat().st_size:,} bytes")


def type_in(walk: Walk, command: str) -> Typed:
    walk.shell(Block("", 0, "shell", command))
    return command, walk.printed


def a_run(walk: Walk) -> Typed:
    """The guide's own run up to its start, and its status halfway; at its end a report is there."""
    script = walk.clone / "files" / "examples" / "CountObjects" / "count_objects.py"
    for page in _PAGES:
        for block in blocks(CHECKOUT / "documentation" / page):
            if block.mark == "save as":
                walk.save(block)
            elif block.mark == "change":
                walk.change(block)
            elif block.language == "shell" and block.mark != "not run":
                if "startCluster" in block.text and "--dry-run" not in block.text:
                    slow = script.read_text(encoding="utf-8").replace("import argparse\n", _PAUSE, 1)
                    script.write_text(slow, encoding="utf-8")
                walk.shell(block)

    def halfway() -> Typed | None:
        status = type_in(walk, "python run.py status")
        return status if " 1 done" in status[1] or " 2 done" in status[1] else None

    status = wait_until(halfway, "some jobs are done and others are not")
    type_in(walk, "python run.py monitor")
    type_in(walk, "python run.py report")
    return status


def terminal(typed: list[Typed], columns: int) -> str:
    """A terminal with these commands and what they printed, as SVG."""
    console = Console(record=True, width=columns, file=io.StringIO())
    for command, printed in typed:
        console.print(Text.assemble(("$ ", "dim"), (command, "bold")))
        for line in printed.rstrip().splitlines():
            console.print(Text(line, style="bold" if line.startswith("$ ") else "", overflow="fold"))
    name = "terminal" + str(columns)
    return console.export_svg(title="", code_format=_SVG, theme=SVG_EXPORT_THEME, unique_id=name)


def overview(demo: Typed, result: Path, folder: Path) -> Image.Image:
    """What is typed, and what comes out, side by side; most of watching and end is left out."""
    lines = [line for line in demo[1][demo[1].index("$ run.py setup") :].splitlines() if line]
    watching = [at for at, line in enumerate(lines) if "waiting" in line]
    end = next(at for at, line in enumerate(lines) if line.startswith("Service: deleted"))
    figures = next(at for at, line in enumerate(lines) if "jobs done" in line)
    report = next(at for at, line in enumerate(lines) if line.startswith("A report"))
    kept = [*lines[: watching[2]], "...", *lines[watching[-2] : end], "...", *lines[figures : report + 1]]
    table = "\n".join((result / "objects.csv").read_text().splitlines()[:8])
    drawn, small = terminal([(demo[0], "\n".join(kept))], 92), terminal([("head objects.csv", table)], 80)
    picture = as_data(result / "outlines.png")
    page = folder / "overview.html"
    page.write_text(
        "<body style='margin:0;display:flex;gap:16px;align-items:flex-start;background:#fff'>"
        f"<div style='width:800px'>{drawn}</div><div style='width:440px'>"
        f"<img style='width:440px;border-radius:8px' src='data:image/png;base64,{picture}'>"
        f"<div style='margin-top:16px'>{small}</div></div></body>",
        encoding="utf-8",
    )
    shown = photograph(page, 1256, 1000)
    empty = Image.new("RGB", shown.size, "white")
    return shown.crop((0, 0, shown.width, ImageChops.difference(shown, empty).getbbox()[3]))


def as_data(picture: Path) -> str:
    return base64.b64encode(picture.read_bytes()).decode()


def photograph(page: Path, width: int, height: int) -> Image.Image:
    """What a browser shows of a page, without the empty rest."""
    browser = find_chromium()
    if browser is None:
        sys.exit(LACKING)
    with tempfile.TemporaryDirectory() as profile:
        picture = Path(profile) / "page.png"
        options = [f"--window-size={width},{height}", f"--screenshot={picture}", page.resolve().as_uri()]
        subprocess.run(headless(browser, profile, *options), check=True, capture_output=True, timeout=120)
        return Image.open(picture).convert("RGB")


def save(image: Image.Image, path: Path, colours: int) -> None:
    image.convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
