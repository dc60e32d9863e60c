"""Files that tell of a run, or that run: who may read and change them."""

import os
import stat

import pytest

from distributed_something.run.monitor_file import MonitorFile
from tests.unit.test_cli import type_in  # noqa: F401 - a fixture


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("mask", [0o022, 0o000])
def test_a_monitor_file_is_its_user_s_alone_from_the_first_byte(bench, mask):
    """It names queue, fleet and token: what else is needed to end somebody's run."""
    before = os.umask(mask)
    try:
        context = bench.context()
        folder = context.files
        path = MonitorFile.begin(context.settings, "token", 0.0).save(folder)
        assert mode(path) == 0o600
        path.chmod(0o644)  # written by an older version
        assert mode(MonitorFile.begin(context.settings, "token", 0.0).save(folder)) == 0o600
    finally:
        os.umask(before)


@pytest.mark.parametrize("name", ["config.py", "tool.py"])
def test_a_program_of_the_user_s_that_everybody_may_change_is_told(type_in, tmp_path, name):  # noqa: F811
    """Told, not refused: on drives of Windows everybody may change everything, run.py included."""
    (tmp_path / name).write_text("def name(job): return 'x'\n")
    for rights, told in ((0o644, False), (0o664, False), (0o666, True)):
        (tmp_path / name).chmod(rights)
        _, printed = type_in("submitJob", "missing.json")
        assert (f"better:  chmod o-w {name}" in printed) == told
