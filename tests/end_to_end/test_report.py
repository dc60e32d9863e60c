"""The report in a real browser: no console error, pictures drawn, readable at 100 and at 100,000 jobs."""

import random
import resource
import subprocess
import time

import pytest
from PIL import Image

from distributed_something.outcomes import attempt_log
from distributed_something.outcomes.attempt_log import Attempt
from distributed_something.report.figures import Health, RunFigures, spans_of
from distributed_something.report.page import render_page
from tests.browser import headless, required_chromium

START = 1_790_000_000.0
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"
GREEN, RED = (0x2A, 0x7F, 0x62), (0xC2, 0x45, 0x2D)


def a_run(jobs, seed=1):
    """Jobs on ten machines, 3 % of which fail with hostile reasons, and a spot interruption now and then."""
    dice = random.Random(seed)
    attempts, free = [], [START] * 10
    for number in range(jobs):
        machine = min(range(10), key=free.__getitem__)
        seconds = dice.lognormvariate(3, 0.6)
        begin = free[machine]
        free[machine] = begin + seconds + 2
        draw = dice.random()
        outcome = "TOOL_FAILED" if draw < 0.03 else "INTERRUPTED" if draw < 0.05 else "SUCCESS"
        reason = f"exit 3: {HOSTILE} {number % 4}" if outcome == "TOOL_FAILED" else ""
        attempts.append(
            Attempt(
                job=f"plate-{number:06}{'<b>' if number % 50 == 0 else ''}",
                number=1,
                outcome=outcome,
                reason=reason,
                start=begin,
                end=free[machine],
                download_seconds=dice.uniform(0.5, 2),
                tool_seconds=seconds,
                upload_seconds=dice.uniform(0.1, 0.6),
                instance=f"i-{machine}",
            )
        )
    last = max(free)
    health = [
        Health(START + at * (last - START) / 500, 40 + 20 * dice.random(), 10 + at / 10) for at in range(500)
    ]
    return RunFigures(
        app_name="Cells",
        started=START,
        attempts=attempts,
        summary=attempt_log.summarise(attempts),
        spans=spans_of(attempts),
        health=health,
        price=0.08,
        documents={"config.py": f"APP_NAME = 'Cells'  # {HOSTILE}\n", "versions.json": "{}"},
    )


@pytest.fixture(scope="module")
def browser():
    return required_chromium()


def shown(browser, page, folder):
    """(what the browser logged, the page's document after loading, a picture of it)."""
    picture = folder / "page.png"
    common = headless(browser, folder / "profile", "--enable-logging=stderr", "--window-size=1100,3200")
    address = page.resolve().as_uri()
    told = subprocess.run(
        [*common, f"--screenshot={picture}", address], capture_output=True, text=True, timeout=120, check=True
    )
    document = subprocess.run(
        [*common, "--dump-dom", address], capture_output=True, text=True, timeout=120, check=True
    )
    return told.stderr + document.stderr, document.stdout, picture


def pixels(picture, colour):
    image = Image.open(picture).convert("RGB")
    near = (
        max(abs(channel - wanted) for channel, wanted in zip(pixel, colour)) < 12 for pixel in image.getdata()
    )
    return sum(near)


@pytest.mark.parametrize("jobs", [100, 100_000])
def test_a_browser_draws_it_without_complaint(browser, tmp_path, jobs):
    run = a_run(jobs)
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    text = render_page(run)
    seconds = time.monotonic() - begun
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{jobs:,} attempts: {len(text):,} bytes in {seconds:.1f} s, {grown:.0f} MB more memory")
    assert len(text) < 2_000_000
    page = tmp_path / "report.html"
    page.write_text(text, encoding="utf-8")
    logged, document, picture = shown(browser, page, tmp_path)
    assert "CONSOLE" not in logged, logged
    assert document.count('<img src="data:image/svg+xml;base64,') == 5
    assert "<title>Cells: report</title>" in document  # nobody has changed it
    assert "<script" not in document
    assert f"{run.summary.done:,}" in document
    assert pixels(picture, GREEN) > 5_000
    assert pixels(picture, RED) > 50


def test_a_run_without_jobs_has_a_page_too(tmp_path):
    empty = RunFigures("Cells", START, [], attempt_log.summarise([]), {}, [], None, {})
    assert "No job was attempted, so there is nothing to draw." in render_page(empty)
