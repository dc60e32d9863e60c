"""What jobs, tools and config.py say is text in the report, whatever it looks like."""

from html.parser import HTMLParser

import pytest

from distributed_something.outcomes import attempt_log
from distributed_something.outcomes.attempt_log import Attempt
from distributed_something.report.figures import Health, RunFigures
from distributed_something.report.page import render_page

MARKUP = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</pre></details><iframe src=//evil.example>",
    "</title><base href=//evil.example/>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "<!-- ",
    "]]>",
    "{{ 7 * 7 }}{% for x in run.__class__.__mro__ %}",
    "&lt;script&gt;",
    "javascript:alert(1)",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<style>@import '//evil.example'</style>",
    "\x00\x1b[2J\u202e",
    "$\\frac{1}{0}$ $x",  # matplotlib would read it as mathematics
]


class Page(HTMLParser):
    """What a browser makes of it: the tags with their attributes, and the text."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags, self.text = [], ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data[:50]}")

    def handle_data(self, data):
        self.text += data


def page(texts):
    """A report whose every name, reason, machine and document is one of these."""
    attempts = [
        Attempt(text, 1, "TOOL_FAILED", text, start=10.0 * n, end=10.0 * n + 5, tool_seconds=5, instance=text)
        for n, text in enumerate(texts)
    ]
    attempts.append(Attempt("good", 1, "SUCCESS", "", start=1.0, end=9.0, tool_seconds=8))
    return render_page(
        RunFigures(
            app_name="".join(texts),
            started=0.0,
            attempts=attempts,
            summary=attempt_log.summarise(attempts),
            spans=dict.fromkeys(texts, (0.0, 90.0)),
            health=[Health(5.0, 50.0, 50.0)],
            price=0.1,
            documents={f"{n} {text}": text for n, text in enumerate(texts)},
        )
    )


# The template's own.
TAGS = {"html", "head", "meta", "link", "title", "style", "body", "h1", "h2", "p", "div", "b", "pre"} | {
    *("figure", "figcaption", "img", "table", "tr", "th", "td", "details", "summary")
}


@pytest.fixture(scope="module")
def hostile():
    return Page(page(MARKUP))


def test_no_text_becomes_a_tag_an_attribute_or_a_template(hostile):
    assert {tag for tag, _ in hostile.tags} <= TAGS
    for tag, attributes in hostile.tags:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href"):
            assert attributes.get(name, "data:").startswith("data:"), tag
    for text in MARKUP:
        assert text.replace("\x00", "\ufffd") in hostile.text or text in hostile.text, "all of it is shown"


def test_and_would_not_run_if_it_did(hostile):
    """A second wall: no script, no address but what is in the page."""
    (policy,) = [
        attributes["content"]
        for tag, attributes in hostile.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
