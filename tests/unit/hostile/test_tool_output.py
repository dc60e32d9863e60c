"""Whatever a tool prints, memory stays as it is: both workers, with a CloudWatch that does not answer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import interpreters

CHECKOUT = Path(__file__).resolve().parents[3]
# Python 2 keeps four bytes for each character.
LIMIT_MB = 160

_PRELUDE = """
from __future__ import print_function, unicode_literals
import json, os, sys, threading, time
class Refused(Exception): pass
class Silent(object):
    class exceptions:
        ResourceNotFoundException = ResourceAlreadyExistsException = Refused
    def create_log_stream(self, **arguments): threading.Event().wait(600)
    put_log_events = create_log_stream
said, kept = [], [0, 0, ""]
argv = json.loads(sys.argv[1])
def line(text):
    kept[:] = [kept[0] + 1, max(kept[1], len(text)), text.strip()[-20:]]
    logs.write("group", "stream", text)
"""
_RUN = {
    "3": _PRELUDE
    + """
from worker import tool_process as process
from worker.aws import cloudwatch_logs
logs = cloudwatch_logs.CloudWatchLogs(Silent(), said.append)
process.run(argv, os.environ, line, process.Limits(time.monotonic() + 600, "", lambda: "", lambda: None))
""",
    "2": _PRELUDE
    + """
from python2worker import cloudwatch_logs, process
logs = cloudwatch_logs.CloudWatchLogs(Silent(), said.append)
process.run(argv, dict(os.environ), line, time.time() + 600, "", lambda: "", lambda: None)
""",
}
_PEAK = """
peak = [one.split()[1] for one in open("/proc/self/status") if one.startswith("VmHWM")][0]
print(json.dumps(kept + [int(peak) // 1024]))
sys.stdout.flush()
os._exit(0)
"""


def run_tool(version, script):
    """(lines, longest line, end of the last line, peak in MB) of a worker whose tool is this script."""
    python = sys.executable if version == "3" else interpreters.needed("2.7")
    told = subprocess.run(
        [python, "-c", _RUN[version] + _PEAK, json.dumps(["sh", "-c", script])],
        cwd=str(CHECKOUT),
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(told.stdout.decode())


pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc"),
    pytest.mark.parametrize("version", ["3", "2"]),
]


def test_a_hundred_megabytes_without_a_newline(version):
    lines, longest, _, peak = run_tool(version, "head -c 100000000 /dev/zero | tr '\\0' x")
    assert lines >= 100_000_000 // (128 * 1024)
    assert longest < 128 * 1024
    assert peak < LIMIT_MB


def test_a_hundred_megabytes_of_lines(version):
    lines, _, last, peak = run_tool(version, f"yes '{'a long line of the log ' * 15}' | head -n 300000")
    assert (lines, last) == (300_000, "long line of the log")
    assert peak < LIMIT_MB


def test_very_many_empty_lines(version):
    lines, longest, _, peak = run_tool(version, "yes '' | head -n 600000")
    assert (lines, longest) == (600_000, 0)
    assert peak < LIMIT_MB


def test_binary_output(version):
    """Every byte there is, and the end of a character that never comes."""
    script = "head -c 20000000 /dev/urandom; printf 'caf\\303\\251 \\377\\376 \\360\\237'"
    _, _, last, peak = run_tool(version, script)
    assert "café \ufffd" in last
    assert peak < LIMIT_MB
