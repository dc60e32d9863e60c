"""Words are those of shlex.split(), and each character knows how it was quoted."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.protocol.placeholders import PlaceholderError
from worker.protocol.shell_words import split_words

lines = st.one_of(st.text(), st.text("ab '\"\\\t\n{}$|*é", max_size=20))


@given(lines)
def test_words_are_those_that_python_splits(line):
    try:
        wanted = shlex.split(line)
    except ValueError:
        with pytest.raises(PlaceholderError, match=r"^(has a quote|ends with a backslash)"):
            split_words(line)
        return
    words = split_words(line)
    assert [word.text for word in words] == wanted
    assert all(len(word.text) == len(word.quotes) for word in words)


@pytest.mark.parametrize(
    ("line", "bare", "in_double_quotes"),
    [
        ("a|b", "a|b", "\0\0\0"),
        ("'a|b'", "\0\0\0", "\0\0\0"),
        ('"a|b"', "\0\0\0", "a|b"),
        (r"a\|b", "a\0b", "\0\0\0"),
        (r'"\"$x"', "\0\0\0", "\0$x"),
        ("""x'*'"y"*""", "x\0\0*", "\0\0y\0"),
    ],
)
def test_what_was_quoted_is_known(line, bare, in_double_quotes):
    (word,) = split_words(line)
    assert word.where(" ") == bare
    assert word.where('"') == in_double_quotes
