"""How Sphinx builds the guide (`make docs`).

Its source folder is the whole checkout, so that pages link to examples and code as they do in the repository.
"""

import html
import re
from pathlib import Path

project = "Distributed-Something"
author = "The developers of Distributed-Something"
copyright = author  # noqa: A001 - Sphinx calls it so

root_doc = "documentation/index"
include_patterns = [
    "documentation/*.md",
    "files/examples/*/README.md",
    "worker/README.md",
    "python2worker/README.md",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
]
exclude_patterns = [".*", "build", "demo-results", "documentation/README.md", "**/node_modules"]

extensions = ["myst_parser"]
myst_heading_anchors = 3  # links to headings, as repository pages have them
nitpicky = True
smartquotes_action = "qe"  # quotes and ellipses; two hyphens belong to an option

html_theme = "furo"
html_static_path = ["guide.css"]
html_css_files = ["guide.css"]
html_title = "Distributed-Something"
html_copy_source = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}

# The first page is in a folder, like its source; whoever opens the built guide looks for it at the top.
_START = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={root_doc}.html">
<link rel="canonical" href="{root_doc}.html">
<title>{project}</title>
</head>
<body><a href="{root_doc}.html">{project}: the guide</a></body>
</html>
"""


def setup(app):
    app.connect("source-read", _hide_readme)
    app.connect("html-page-context", _label_cells)
    app.connect("build-finished", _write_start_page)


def _hide_readme(app, name, text):
    """The README is built for the links that lead to it; it has no place among the guide's pages."""
    if name == "README":
        text[0] = "---\norphan: true\n---\n" + text[0]


def _label_cells(app, pagename, templatename, context, doctree):
    """Give each cell the heading of its column, which guide.css shows on narrow screens."""
    if "body" in context:
        context["body"] = re.sub(r"<table.*?</table>", _labelled, context["body"], flags=re.DOTALL)


def _labelled(table):
    headings = re.findall(r"<th\b[^>]*>(.*?)</th>", table[0], re.DOTALL)
    labels = [html.escape(html.unescape(re.sub(r"<[^>]*>", "", one)).strip()) for one in headings]

    def row(found):
        left = iter(labels)
        return re.sub(r"<td\b", lambda cell: f'<td data-label="{next(left, "")}"', found[0])

    labelled = re.sub(r"<tr\b.*?</tr>", row, table[0], flags=re.DOTALL)
    # The long name of a column may be broken at its underscores.
    return re.sub(r"<th\b.*?</th>", lambda found: found[0].replace("_", "_<wbr>"), labelled, flags=re.DOTALL)


def _write_start_page(app, exception):
    if exception is None and app.builder.format == "html":
        Path(app.outdir, "index.html").write_text(_START, encoding="utf-8")
