#!/usr/bin/env python3
"""Makes two plates of single-cell measurements: `prepare_plates.py FOLDER`, the bucket of a rehearsal.

Simulated, but named as CellProfiler names them: FOLDER/plates/PLATE/cells/WELL.parquet has a row for each
cell, FOLDER/plates/PLATE/platemap.csv says what is in each well. The first and the last column hold DMSO, and
each row between a compound in ten growing doses. Each plate is stained a little differently.
"""

import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd

PLATES = ("BR00101", "BR00102")
ROWS, COLUMNS = "ABCDEFGH", range(1, 13)
DOSES = np.geomspace(0.01, 30, 10)  # micromolar, columns 2 to 11
CELLS = 60  # in a well without treatment
CHANNELS = ("DNA", "ER", "RNA", "AGP", "Mito")
COMPARTMENTS = ("Cells", "Cytoplasm", "Nuclei")
# What is measured, and a value that is usual for it (pixels, or parts of the camera's range).
MEASURED = {
    "AreaShape_Area": 900,
    "AreaShape_Eccentricity": 0.6,
    "AreaShape_FormFactor": 0.7,
    **{f"Intensity_MeanIntensity_{channel}": 0.08 for channel in CHANNELS},
    **{f"Texture_Contrast_{channel}_3_00": 1.5 for channel in CHANNELS},
}
# What a compound does at a high dose: features whose names hold this text change by so many tenths.
COMPOUNDS = {
    "cycloheximide": {"RNA": -3, "Nuclei_AreaShape_Area": -1},
    "etoposide": {"Nuclei_AreaShape_Area": 3, "Intensity_MeanIntensity_DNA": 1},
    "FCCP": {"Mito": -3},
    "latrunculin B": {"AGP": -2, "Cells_AreaShape_FormFactor": -2},
    "nocodazole": {"AreaShape_FormFactor": -2, "Nuclei_AreaShape_Eccentricity": 1},
    "staurosporine": {"AreaShape_Area": -3, "Intensity": 2},
    "sucrose": {},
    "tunicamycin": {"ER": 3},
}
DEADLY = ("etoposide", "staurosporine")  # leave few cells


def contents():
    """(well, compound, dose in micromolar) for each well of a plate."""
    for row, compound in zip(ROWS, COMPOUNDS):
        for column in COLUMNS:
            if column in (COLUMNS[0], COLUMNS[-1]):
                yield f"{row}{column:02d}", "DMSO", 0.0
            else:
                yield f"{row}{column:02d}", compound, float(f"{DOSES[column - 2]:.3g}")


def cells_of(plate, well, compound, dose, staining, random):
    """The table of one well: a row for each cell."""
    response = dose / (dose + 1)
    expected = CELLS * (1 - 0.8 * response * (compound in DEADLY))
    count = max(3, random.poisson(expected))
    table = {
        "Metadata_Plate": plate,
        "Metadata_Well": well,
        "Metadata_Site": random.integers(1, 3, count),
        "Metadata_ObjectNumber": np.arange(1, count + 1),
    }
    cell_size = random.normal(0, 1, count)  # what a cell's measurements have in common
    well_effect = random.normal(0, 0.05)
    for compartment in COMPARTMENTS:
        for measured, usual in MEASURED.items():
            feature = f"{compartment}_{measured}"
            shift = sum(by for text, by in COMPOUNDS.get(compound, {}).items() if text in feature)
            tenths = 0.5 * cell_size + random.normal(0, 0.8, count) + shift * response + well_effect
            channel = next((name for name in CHANNELS if name in measured), None)
            table[feature] = usual * staining.get(channel, 1) * (1 + tenths / 10)
    return pd.DataFrame(table)


def make_plate(folder, plate, random):
    """Write one plate."""
    (folder / "cells").mkdir(parents=True, exist_ok=True)
    staining = {channel: random.uniform(0.7, 1.4) for channel in CHANNELS}
    with (folder / "platemap.csv").open("w", newline="") as out:
        platemap = csv.writer(out)
        platemap.writerow(("well_position", "compound", "dose_um"))
        for well, compound, dose in contents():
            platemap.writerow((well, compound, dose))
            cells = cells_of(plate, well, compound, dose, staining, random)
            cells.to_parquet(folder / "cells" / f"{well}.parquet", index=False)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: prepare_plates.py FOLDER")
    for number, plate in enumerate(PLATES):
        make_plate(Path(sys.argv[1]) / "plates" / plate, plate, np.random.default_rng(number))
    print(f"{len(PLATES)} plates are in {sys.argv[1]}/plates")


if __name__ == "__main__":
    main()
