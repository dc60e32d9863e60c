#!/usr/bin/env python3
"""Makes a project of CellProfiler: `prepare_project.py FOLDER`, where FOLDER is the bucket of a rehearsal.

The images are real: fields of Drosophila Kc167 cells in three channels, which CellProfiler's package on PyPI
carries. Beside them the pipeline, and the CSV that tells LoadData which images belong together.
"""

import csv
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

CELLPROFILER = "cellprofiler==4.2.8"
PIPELINE = Path(__file__).with_name("count_cells.cppipe")
PROJECT = "projects/fly"
# 01_POS002_D.TIF: slide, position, channel. R (phosphorylated histone) is there, and not asked for.
NAME = re.compile(r"(?P<plate>\d+)_POS(?P<site>\d+)_(?P<channel>[DFR])\.TIF")
CHANNELS = {"D": "DNA", "F": "Actin"}
# Where the classic toolkit mounted the bucket: paths in the CSV begin with it.
MOUNTED = "/home/ubuntu/bucket"


def take_images(folder):
    """Download the package, without installing it, and take the images out."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
            + ["--dest", scratch, CELLPROFILER],
            check=True,
        )
        with zipfile.ZipFile(next(Path(scratch).glob("*.whl"))) as package:
            for member in package.namelist():
                if NAME.fullmatch(Path(member).name):
                    (folder / Path(member).name).write_bytes(package.read(member))


def load_data(names):
    """The rows of LoadData's CSV: one for each field, a pair of columns for each channel."""
    rows = {}
    for name in sorted(names):
        plate, site, channel = NAME.fullmatch(name).groups()
        if channel in CHANNELS:
            row = rows.setdefault((plate, site), {})
            row[f"FileName_{CHANNELS[channel]}"] = name
            row[f"PathName_{CHANNELS[channel]}"] = f"{MOUNTED}/{PROJECT}/images"
    return [
        {**row, "Metadata_Plate": f"Fly{plate}", "Metadata_Site": site} for (plate, site), row in rows.items()
    ]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: prepare_project.py FOLDER")
    project = Path(sys.argv[1]) / PROJECT
    for name in ("images", "workspace"):
        (project / name).mkdir(parents=True, exist_ok=True)
    take_images(project / "images")
    shutil.copy(str(PIPELINE), str(project / "workspace"))
    rows = load_data(path.name for path in (project / "images").iterdir())
    with (project / "workspace" / "load_data.csv").open("w", newline="") as out:
        table = csv.DictWriter(out, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    print(f"{len(rows)} fields of cells are in {project}")


if __name__ == "__main__":
    main()
