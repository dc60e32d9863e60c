"""How Sphinx builds the guide (`make docs`).

Its source folder is the whole checkout, so that pages link to examples and code as they do in the repository.
"""

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

html_theme = "furo"
html_static_path = ["guide.css"]
html_css_files = ["guide.css"]
html_title = "Distributed-Something"
html_copy_source = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}


def setup(app):
    """The README is there for those links that lead to it; it has no place among the guide's pages."""

    def without_a_place(app, name, text):
        if name == "README":
            text[0] = "---\norphan: true\n---\n" + text[0]

    app.connect("source-read", without_a_place)
