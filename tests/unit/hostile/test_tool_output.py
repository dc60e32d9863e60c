"""Whatever a tool prints, memory stays as it is: with a CloudWatch that does not answer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
LIMIT_MB = 160

_RUN = """
import json, os, sys, threading, time
class Refused(Exception): pass
class Silent:
    class exceptions:
        ResourceNotFoundException = ResourceAlreadyExistsException = Refused
    def create_log_stream(self, **arguments): threading.Event().wait(600)
    put_log_events = create_log_stream
said, kept = [], [0, 0, ""]
argv = json.loads(sys.argv[1])
def line(text):
    kept[:] = [kept[0] + 1, max(kept[1], len(text)), text.strip()[-20:]]
    logs.write("group", "stream", text)
from worker import tool_process
from worker.aws import cloudwatch_logs
logs = cloudwatch_logs.CloudWatchLogs(Silent(), said.append)
limits = tool_process.Limits(time.monotonic() + 600, "", lambda: "", lambda: None)
tool_process.run(argv, os.environ, line, limits)
"""
_PEAK = """
peak = [one.split()[1] for one in open("/proc/self/status") if one.startswith("VmHWM")][0]
print(json.dumps(kept + [int(peak) // 1024]))
sys.stdout.flush()
os._exit(0)
"""


def run_tool(script):
    """(lines, longest line, end of the last line, peak in MB) of a worker whose tool is this script."""
    told = subprocess.run(
        [sys.executable, "-c", _RUN + _PEAK, json.dumps(["sh", "-c", script])],
        cwd=str(CHECKOUT),
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(told.stdout.decode())


pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")


def test_a_hundred_megabytes_without_a_newline():
    lines, longest, _, peak = run_tool("head -c 100000000 /dev/zero | tr '\\0' x")
    assert lines >= 100_000_000 // (128 * 1024)
    assert longest < 128 * 1024
    assert peak < LIMIT_MB


def test_a_hundred_megabytes_of_lines():
    lines, _, last, peak = run_tool(f"yes '{'a long line of the log ' * 15}' | head -n 300000")
    assert (lines, last) == (300_000, "long line of the log")
    assert peak < LIMIT_MB


def test_very_many_empty_lines():
    lines, longest, _, peak = run_tool("yes '' | head -n 600000")
    assert (lines, longest) == (600_000, 0)
    assert peak < LIMIT_MB


def test_binary_output():
    """Every byte there is, and the end of a character that never comes."""
    script = "head -c 20000000 /dev/urandom; printf 'caf\\303\\251 \\377\\376 \\360\\237'"
    _, _, last, peak = run_tool(script)
    assert "café \ufffd" in last
    assert peak < LIMIT_MB
