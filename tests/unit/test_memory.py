"""A million groups are checked and turned into messages under 100 MB; so is makeJobs, far under it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
GROUPS = 1_000_000
LIMIT_MB = 100

_WALK = """
import sys
from pathlib import Path
from distributed_something.config.loader import settings_from
from distributed_something.jobs import job_file
variables = {"APP_NAME": "App", "DOCKERHUB_TAG": "me/t:1", "AWS_BUCKET": "bucket", "COMMAND": "t {Plate}"}
found = job_file.load_jobs(Path(sys.argv[1]))
checked = job_file.check_jobs(found, settings_from(variables, "config.py"))
sent = sum(len(batch) for batch in job_file.batches(enumerate(found.bodies(), 1)))
# Not ru_maxrss: a child inherits that of the process that started it.
peak = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0]
print(checked.jobs, sent, int(peak) // 1024)
"""


def write_table(folder):
    with (folder / "groups.csv").open("w") as out:
        out.write("Plate,Well,Note\n")
        for number in range(GROUPS):
            out.write(f"P{number // 384:05},{number % 384:03},plate of the second batch\n")
    return "groups.csv"


def matrix(folder):
    return {"matrix": {"Plate": [f"P{n}" for n in range(2500)], "Well": list(range(400))}}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize("groups", [write_table, matrix], ids=["CSV", "matrix"])
def test_a_million_groups_stay_under_100_mb(tmp_path, groups):
    path = tmp_path / "job.json"
    path.write_text(json.dumps({"groups": groups(tmp_path)}))
    told = subprocess.run(
        [sys.executable, "-c", _WALK, str(path)],
        cwd=str(CHECKOUT),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    checked, sent, megabytes = map(int, told.stdout.split())
    assert (checked, sent) == (GROUPS, GROUPS)
    assert megabytes < LIMIT_MB


_COLLECT = """
from distributed_something.jobs.generate.distinct_groups import DistinctGroups
from distributed_something.jobs.generate.file_name_pattern import parse_pattern
from distributed_something.jobs.generate.matching_files import collect_groups
class Folder:
    def keys(self, beginning=""):
        return (f"image-{number:07}-of-the-second-batch.tif" for number in range(200_000))
with DistinctGroups() as found:
    collect_groups(Folder(), parse_pattern("{image}"), ["image"], found, lambda: None)
    count = sum(1 for group in found)
peak = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0]
print(count, int(peak) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_makejobs_holds_no_file_s_name(tmp_path):
    """200,000 groups as objects would be some 100 MB."""
    told = subprocess.run(
        [sys.executable, "-c", _COLLECT], cwd=str(CHECKOUT), stdout=subprocess.PIPE, check=True, text=True
    )
    count, megabytes = map(int, told.stdout.split())
    assert count == 200_000
    assert megabytes < 60
