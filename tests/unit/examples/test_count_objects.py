"""The demo's tool: right on pictures whose objects are known, and on every picture of the demo."""

import csv
import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage import data, draw, io

FOLDER = Path(__file__).resolve().parents[3] / "files" / "examples" / "CountObjects"
TOOL = FOLDER / "count_objects.py"


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tool = load(TOOL)


def discs(*places, shape=(200, 300), bright=0.8, dark=0.2):
    picture = np.full(shape, dark)
    for row, column, radius in places:
        picture[draw.disk((row, column), radius, shape=shape)] = bright
    return picture + np.random.default_rng(0).normal(0, 0.01, shape)


@pytest.mark.parametrize("method", tool.METHODS)
def test_discs_are_counted_and_measured(method):
    labels = tool.count(discs((50, 50, 20), (120, 200, 25), (60, 250, 15)), method)
    areas = sorted(np.bincount(labels.ravel())[1:])
    assert len(areas) == 3
    for area, radius in zip(areas, (15, 20, 25)):
        assert area == pytest.approx(np.pi * radius**2, rel=0.25)


def test_dark_objects_on_a_bright_ground_count_too():
    assert tool.count(discs((50, 50, 20), (120, 200, 25), bright=0.2, dark=0.8), "otsu").max() == 2


def test_objects_that_touch_are_parted():
    assert tool.count(discs((100, 100, 30), (100, 155, 30)), "otsu").max() == 2


def test_specks_are_left_out():
    assert tool.count(discs((50, 50, 20), (150, 250, 2)), "otsu").max() == 1


def test_the_photograph_of_24_coins_has_24_objects():
    assert tool.count(tool.grey_values(data.coins()), "otsu").max() == 24


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(TOOL), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("channels", [None, 3, 4], ids=["grey", "colour", "transparent"])
def test_the_table_has_a_row_for_each_object(tmp_path, channels):
    picture = (np.clip(discs((50, 50, 20), (120, 200, 25)), 0, 1) * 255).astype(np.uint8)
    if channels:
        picture = np.dstack([picture] * 3 + [np.full_like(picture, 255)] * (channels - 3))
    io.imsave(str(tmp_path / "p.png"), picture, check_contrast=False)
    told = run(tmp_path / "p.png", tmp_path / "out")
    assert told.stdout == "p.png: 2 objects by otsu\n"
    rows = list(csv.DictReader((tmp_path / "out" / "objects.csv").open()))
    assert [(round(float(row["centroid_row"])), round(float(row["centroid_column"]))) for row in rows] == [
        (50, 50),
        (120, 200),
    ]
    outlines = io.imread(tmp_path / "out" / "outlines.png")
    assert ((outlines[..., 0] == 255) & (outlines[..., 1] < 30)).sum() > 200


@pytest.mark.parametrize("content", [b"", b"no picture", None], ids=["empty", "text", "missing"])
def test_what_is_no_picture_is_told_and_ends_with_1(tmp_path, content):
    path = tmp_path / "x.png"
    if content is not None:
        path.write_bytes(content)
    told = run(path, tmp_path / "out")
    assert told.returncode == 1
    assert "cannot be read as a picture" in told.stdout
    assert "Traceback" not in told.stdout
    assert not (tmp_path / "out").exists()
