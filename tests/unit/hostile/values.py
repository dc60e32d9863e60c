"""What a hostile, or only an unlucky, person could write: texts, JSON, keys; and how a property is tried."""

import json
import math
import tempfile
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from distributed_something.errors import UserError

# No deadline: a test never fails because the computer is slow.
hostile = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

AWKWARD = [
    "",
    " ",
    ".",
    "..",
    "../..",
    "/",
    "/etc/passwd",
    "a//b",
    "a/./b",
    "a/../../b",
    "a\\b",
    "a\nb",
    "a\rb",
    "\0",
    "a\0b",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\u2028",
    "\u202e",
    "\ufeff",
    "\ud800",
    "\udcff",
    "é\u0301",
    "💥",
    "x" * 255,
    "x" * 1000,
    "/".join("x" * 500),
    "{x}",
    "{",
    "}",
    "{{",
    "{x!q}",
    "{x!r}",
    "{0}",
    "{x.__class__}",
    "*",
    "**",
    "$(id)",
    "`id`",
    "; id",
    "'",
    '"',
    "'\"",
    "-rf",
    "--",
    "%s",
    "<script>",
    "_comment",
    "NaN",
    "1e999",
    "9" * 5000,
]
# Also halves of characters (surrogates), which JSON can write and UTF-8 cannot.
texts = st.one_of(st.sampled_from(AWKWARD), st.text(st.characters(exclude_categories=[]), max_size=30))
scalars = st.one_of(texts, st.integers(), st.floats(), st.booleans(), st.none())
documents = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


def nested(depth):
    """JSON that is nested so deeply."""
    return "[" * depth + "]" * depth


def written(document):
    """The document as JSON text; infinite numbers as JSON can hold them."""
    text = json.dumps(document)
    return text.replace("-Infinity", "-1e999").replace("Infinity", "1e999")


@contextmanager
def folder():
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def is_a_sentence(error):
    """Whether a person can do something with it."""
    text = str(error)
    assert isinstance(error, UserError)
    assert text.strip()
    assert "Traceback" not in text
    assert len(text) < 20_000
    return text


def is_finite(value):
    """Whether no number inside is one that JSON has no word for."""
    if isinstance(value, dict):
        return all(map(is_finite, value.values()))
    if isinstance(value, list):
        return all(map(is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)
