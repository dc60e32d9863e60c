"""The guide as web pages: it is built without a warning, begins at index.html, and fits any screen."""

import json
import re
import subprocess
import sys

import pytest

from tests.browser import headless, required_chromium
from tests.guide.pages import CHECKOUT

# Each page is shown in a frame of the width in question; what is too wide is written into the body.
_MEASURE = """<!DOCTYPE html>
<body>
%(frames)s
<script>
window.onload = () => {
  const found = {tables: 0, wide: []};
  for (const frame of document.querySelectorAll("iframe")) {
    const shown = frame.contentDocument, name = frame.getAttribute("src");
    const root = shown.documentElement;
    if (root.scrollWidth > root.clientWidth) found.wide.push(`${name}: ${root.scrollWidth}`);
    for (const table of shown.querySelectorAll("table")) {
      found.tables += 1;
      const around = table.parentElement, right = table.getBoundingClientRect().right;
      if (around.scrollWidth > around.clientWidth || right > root.clientWidth)
        found.wide.push(`${name}: a table of ${around.scrollWidth} in ${around.clientWidth}: ` +
          table.textContent.trim().slice(0, 60));
    }
  }
  document.body.innerHTML = "<pre></pre>";
  document.body.firstChild.textContent = JSON.stringify(found);
};
</script>
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The guide's web pages."""
    folder = tmp_path_factory.mktemp("guide")
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-c", "documentation"]
    done = subprocess.run(
        [*build, "-d", str(folder / "doctrees"), ".", str(folder / "pages")],
        cwd=str(CHECKOUT),
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return folder / "pages"


def test_the_guide_begins_at_index_html(built):
    start = (built / "index.html").read_text(encoding="utf-8")
    (target,) = set(re.findall(r"(?:url|href)=\"?([\w/]+\.html)", start))
    assert "<h1>Distributed-Something" in (built / target).read_text(encoding="utf-8")


def test_each_cell_knows_the_heading_of_its_column(built):
    page = (built / "documentation" / "step_1_config.html").read_text(encoding="utf-8")
    labels = re.findall(r'<td data-label="([^"]*)"', page)
    assert labels[:6] == ["variable", "default", "what it does"] * 2


@pytest.mark.parametrize("width", [1920, 1400, 1000, 800, 400])
def test_no_table_and_no_page_is_wider_than_the_screen(built, tmp_path, width):
    browser = required_chromium()
    names = sorted(path.relative_to(built).as_posix() for path in built.rglob("*.html"))
    found = measured(browser, built, [name for name in names if name != "index.html"], width, tmp_path)
    assert found["tables"] > 50
    assert found["wide"] == []


def test_a_table_that_is_too_wide_is_noticed(built, tmp_path):
    browser = required_chromium()
    long = "x" * 500
    (built / "wide.html").write_text(f"<!DOCTYPE html><div><table><tr><td>{long}</table></div>")
    try:
        assert len(measured(browser, built, ["wide.html"], 400, tmp_path)["wide"]) == 2
    finally:
        (built / "wide.html").unlink()


def measured(browser, built, names, width, folder):
    """{"tables": how many there are, "wide": what is wider than the screen}."""
    frames = "\n".join(f'<iframe src="{name}" width="{width}" height="900"></iframe>' for name in names)
    page = built / f"measure-{width}.html"
    page.write_text(_MEASURE % {"frames": frames}, encoding="utf-8")
    # Pages from files may look into each other's frames only with this option.
    options = ["--allow-file-access-from-files", "--virtual-time-budget=20000", "--dump-dom", page.as_uri()]
    try:
        done = subprocess.run(
            headless(browser, folder / "profile", *options),
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
    finally:
        page.unlink()
    return json.loads(re.search(r"<pre>(.*)</pre>", done.stdout, re.DOTALL)[1].replace("&gt;", ">"))
