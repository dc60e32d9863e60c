"""The example CellProfiler with the real program: it measures what it measures when it is run directly."""

import csv
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.conftest import CHECKOUT
from tests.install_cellprofiler import lacking

EXAMPLE = CHECKOUT / "files" / "examples" / "CellProfiler"
INSTALLED = CHECKOUT / ".venv" / "cellprofiler"
FLY = Path("projects", "fly")
# What a run says of itself, and of where it took place.
OF_THE_RUN = ("ExecutionTime_", "PathName_", "URL_")
# Four copies of the program on a machine are enough for these jobs.
ONE = ("--machines", "1")


@pytest.fixture(scope="session")
def cellprofiler():
    """The program, as `make end-to-end` installs it."""
    if not (INSTALLED / "ready").exists():
        message = f"CellProfiler is not installed here: `make end-to-end` does it; not here: {lacking()}"
        pytest.fail(message) if os.environ.get("EVERY_PYTHON") else pytest.skip(message)
    return INSTALLED / "bin" / "cellprofiler"


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """The example's project, and what nobody asks for beside it: a third channel, a picture in `input`."""
    folder = tmp_path_factory.mktemp("project")
    subprocess.run([sys.executable, str(EXAMPLE / "prepare_project.py"), str(folder)], check=True)
    images, workspace = folder / FLY / "images", folder / FLY / "workspace"
    assert len(list(images.glob("*_R.TIF"))) == 3
    shutil.copy(images / "01_POS002_D.TIF", workspace / "preview.tif")
    (workspace / "rules.txt").write_text("for FlagImage")
    return folder


@pytest.fixture
def bucket(project, tmp_path):
    return Path(shutil.copytree(project, tmp_path / "bucket"))


def beside(folder, **settings):
    """The example's config.py and tool.py in a folder, with these settings."""
    shutil.copy(EXAMPLE / "tool.py", folder)
    changes = "".join(f"\n{key} = {value!r}" for key, value in settings.items())
    (folder / "config.py").write_text((EXAMPLE / "config.py").read_text() + changes + "\n")
    return folder / "config.py"


def job_file(folder, *metadata):
    document = json.loads((EXAMPLE / "job.json").read_text())
    document["groups"] = [{"Metadata": one} for one in metadata]
    (folder / "job.json").write_text(json.dumps(document))
    return folder / "job.json"


def ledger(bucket):
    lines = []
    for path in bucket.glob("exportedlogs/CellProfiler_jobs/**/*.gz"):
        lines += gzip.decompress(path.read_bytes()).decode().splitlines()
    return [json.loads(line.split(" ", 1)[1]) for line in lines]


def run_directly(program, bucket, folder):
    """All image sets in one go, by hand. Returns the folder of the results."""
    workspace = bucket / FLY / "workspace"
    table, results = folder / "load_data.csv", folder / "directly"
    text = (workspace / "load_data.csv").read_text()
    table.write_text(text.replace("/home/ubuntu/bucket", str(bucket)))
    results.mkdir()
    subprocess.run(
        [str(program), "-c", "-r", "-p", str(workspace / "count_cells.cppipe"), "-i", str(workspace)]
        + ["-o", str(results), "--data-file", str(table)],
        check=True,
    )
    return results


def rows_of(*tables):
    """Every row of these tables, without what the run says of itself, in order of image and object."""
    found = []
    for table in tables:
        with table.open() as lines:
            found += csv.DictReader(lines)
    kept = [{key: value for key, value in row.items() if not key.startswith(OF_THE_RUN)} for row in found]
    return sorted(kept, key=lambda row: (int(row["ImageNumber"]), int(row.get("ObjectNumber", 0))))


def median(table, column):
    return f"{statistics.median(float(row[column]) for row in rows_of(table)):g}"


def told_in_the_readme():
    """{folder: cells, median of the nucleus, median of the cell}."""
    lines = (EXAMPLE / "README.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "| Fly01-" in line]
    return {folder: figures for folder, *figures in rows}


def test_what_is_measured_is_what_cellprofiler_measures_directly(shell, cellprofiler, bucket, tmp_path):
    """Three ways to write Metadata; only the images asked for are downloaded; a second run skips all."""
    shell.environment["PATH"] = f"{cellprofiler.parent}{os.pathsep}{shell.environment['PATH']}"
    jobs = job_file(
        tmp_path,
        "Metadata_Plate=Fly01,Metadata_Site=002",
        {"Metadata_Plate": "Fly01", "Metadata_Site": "76"},
        [{"Metadata_Plate": "Fly01", "Metadata_Site": "218"}, [2]],
    )
    printed = shell.run("--config", EXAMPLE / "config.py", "local", jobs, "--bucket", bucket, *ONE)
    assert "3 jobs done, 0 skipped (done before), 0 failed" in printed
    results = bucket / FLY / "results"
    places = [results / name for name in ("Fly01-002", "Fly01-218", "Fly01-76")]
    assert sorted(results.iterdir()) == places

    directly = run_directly(cellprofiler, bucket, tmp_path)
    for name in ("Nuclei.csv", "Cells.csv", "Cytoplasm.csv", "Image.csv"):
        theirs = rows_of(directly / name)
        assert rows_of(*(place / name for place in places)) == theirs
        assert len(theirs) == 3 if name == "Image.csv" else len(theirs) > 500
    for number, place in zip(("002", "218", "076"), places):
        picture = f"01_POS{number}_D_outlines.png"
        assert (place / picture).read_bytes() == (directly / picture).read_bytes()
        assert len(list(place.iterdir())) == 6

    assert told_in_the_readme() == {
        f"Fly01-{number}": [
            str(len(rows_of(place / "Cells.csv"))),
            median(place / "Nuclei.csv", "AreaShape_Area"),
            median(place / "Cells.csv", "AreaShape_Area"),
        ]
        for number, place in zip(("002", "218", "076"), places)
    }
    images = [bucket / FLY / "images" / f"01_POS002_{channel}.TIF" for channel in "DF"]
    others = [
        bucket / FLY / "workspace" / name for name in ("count_cells.cppipe", "load_data.csv", "rules.txt")
    ]
    size = sum(path.stat().st_size for path in images + others)
    assert [entry["download_bytes"] for entry in ledger(bucket)] == [size] * 3

    again = shell.run("--config", EXAMPLE / "config.py", "local", jobs, "--bucket", bucket, *ONE)
    assert "0 jobs done, 3 skipped (done before), 0 failed" in again


def test_an_image_that_cannot_be_read_fails_its_job_and_leaves_nothing(shell, cellprofiler, bucket, tmp_path):
    (bucket / FLY / "images" / "01_POS076_F.TIF").write_bytes(b"no picture")
    config = beside(tmp_path, COMMAND=f"{cellprofiler} -c -r", JOB_RETRIES=1)
    jobs = job_file(tmp_path, "Metadata_Plate=Fly01,Metadata_Site=076")
    printed = shell.run("--config", config, "local", jobs, "--bucket", bucket, code=3)
    assert "0 jobs done, 0 skipped (done before), 1 failed" in printed
    assert [entry["outcome"] for entry in ledger(bucket)] == ["TOOL_FAILED"]
    assert not (bucket / FLY / "results").exists()


PRETENDER = """#!/bin/sh
while [ "$#" -gt 0 ]; do
    case "$1" in -o) results=$2 ;; -d) done_file=$2 ;; esac
    shift
done
for number in 1 2 3 4 5 6; do seq 100 > "$results/$number.csv"; done
echo Failure > "$done_file"
"""


def test_what_the_done_file_does_not_call_complete_is_not_done(shell, bucket, tmp_path):
    """Though the program ends with 0, and all the files are there."""
    program = tmp_path / "cellprofiler"
    program.write_text(PRETENDER)
    program.chmod(0o755)
    jobs = job_file(tmp_path, "Metadata_Plate=Fly01,Metadata_Site=076")
    config = beside(tmp_path, JOB_RETRIES=2)
    printed = shell.run("--config", config, "local", jobs, "--bucket", bucket, code=3)
    assert "0 jobs done, 0 skipped (done before), 1 failed" in printed
    assert {entry["reason"] for entry in ledger(bucket)} == {
        "CellProfiler's done file says 'Failure', not 'Complete'"
    }
    assert not (bucket / FLY / "results").exists()

    program.write_text(PRETENDER.replace("echo Failure", "echo Complete"))
    printed = shell.run("--config", config, "local", jobs, "--bucket", bucket)
    assert "1 jobs done" in printed
    assert len(list((bucket / FLY / "results" / "Fly01-076").iterdir())) == 6
