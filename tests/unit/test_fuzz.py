"""A short form of `make fuzz`: some hundred tries of each parser, the same ones every time."""

import pytest

from tests.fuzz.__main__ import fuzz
from tests.fuzz.parsers import PARSERS

pytest.importorskip("atheris", reason="atheris has no wheel for this Python")
RUNS = 500


@pytest.mark.parametrize("name", PARSERS)
def test_nothing_is_found(name, tmp_path, capfd):
    runs, found = fuzz(name, RUNS, 1, tmp_path)
    assert not found, capfd.readouterr().out
    assert runs >= RUNS * PARSERS[name].share
