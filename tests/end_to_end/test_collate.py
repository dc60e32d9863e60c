"""The example Collate: a plate's profiles are those of pycytominer run directly, and they mean something."""

import csv
import json
import statistics
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests import tools
from tests.end_to_end.conftest import Shell

COLLATE = tools.EXAMPLES / "Collate"
JOB = json.loads((COLLATE / "job.json").read_text())
PLATES = JOB["groups"]["matrix"]["Plate"]


def test_the_profiles_are_those_of_pycytominer_run_directly(tmp_path):
    pycytominer, bucket = tools.needed("pycytominer"), tmp_path / "bucket"
    python = Path(pycytominer).with_name("python")
    subprocess.run([str(python), str(COLLATE / "prepare_plates.py"), str(bucket)], check=True)
    with closing(Shell(PATH=tools.PATH)) as shell:
        printed = shell.run(
            "--config", COLLATE / "config.py", "local", COLLATE / "job.json", "--bucket", bucket
        )
    assert f"{len(PLATES)} jobs done, 0 skipped (done before), 0 failed" in printed

    plate = PLATES[1]
    directly = run_directly(pycytominer, bucket / "plates" / plate, plate, tmp_path / "directly")
    assert sorted(path.name for path in (bucket / "profiles" / plate).iterdir()) == sorted(directly)
    for name, content in directly.items():
        assert (bucket / "profiles" / plate / name).read_bytes() == content

    for plate in PLATES:
        check_profiles(plate, bucket / "profiles" / plate / f"{plate}_normalized.csv")


def run_directly(pycytominer, source, plate, folder):
    """{name: content} of the tables of a plate."""
    folder.mkdir()
    names = [f"{plate}_{step}.csv" for step in ("aggregated", "augmented", "normalized")]
    aggregated, augmented, normalized = (str(folder / name) for name in names)
    for arguments in (
        ["aggregate", str(source / "cells"), aggregated, "--compute_object_count"],
        ["annotate", aggregated, str(source / "platemap.csv"), augmented],
        ["normalize", augmented, normalized, f"--samples={JOB['controls']}"],
    ):
        subprocess.run([pycytominer, *arguments], check=True, stdout=subprocess.DEVNULL)
    return {name: (folder / name).read_bytes() for name in names}


def check_profiles(plate, path):
    """Every well is measured against the untreated ones, and what was done to the cells shows."""
    with path.open(newline="") as table:
        rows = list(csv.DictReader(table))
    assert {row["Metadata_Plate"] for row in rows} == {plate}
    assert len({row["Metadata_Well"] for row in rows}) == len(rows) == 96
    features = [name for name in rows[0] if not name.startswith("Metadata_")]
    untreated = [row for row in rows if row["Metadata_compound"] == "DMSO"]
    for feature in features:
        values = [float(row[feature]) for row in untreated]
        assert statistics.fmean(values) == pytest.approx(0, abs=1e-9)
        assert statistics.pstdev(values) == pytest.approx(1)
    highest = {row["Metadata_compound"]: row for row in rows if row["Metadata_dose_um"] == "30.0"}
    assert float(highest["tunicamycin"]["Cells_Intensity_MeanIntensity_ER"]) > 10
    assert all(abs(float(highest["sucrose"][feature])) < 5 for feature in features)
    assert int(highest["staurosporine"]["Metadata_Object_Count"]) < 25
