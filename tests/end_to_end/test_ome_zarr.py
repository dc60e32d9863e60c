"""The example OmeZarr: what comes out is the image pixel for pixel, and what the converter makes directly."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests import tools
from tests.end_to_end.conftest import Shell

OME_ZARR = tools.EXAMPLES / "OmeZarr"
IMAGES = json.loads((OME_ZARR / "job.json").read_text())["groups"]["matrix"]["image"]
READER = Path(__file__).with_name("read_ome_zarr.py")


def test_an_ome_zarr_is_the_image_and_what_the_converter_writes_directly(tmp_path):
    converter, bucket = tools.needed("ngff-zarr"), tmp_path / "bucket"
    subprocess.run([sys.executable, str(OME_ZARR / "prepare_images.py"), str(bucket)], check=True)
    with closing(Shell(PATH=tools.PATH)) as shell:
        printed = shell.run(
            "--config", OME_ZARR / "config.py", "local", OME_ZARR / "job.json", "--bucket", bucket
        )
    assert f"{len(IMAGES)} jobs done, 0 skipped (done before), 0 failed" in printed

    found = {}
    for image in IMAGES:
        source, result = bucket / "images" / f"{image}.ome.tif", bucket / "zarr" / image / f"{image}.ome.zarr"
        directly = tmp_path / f"{image}.ome.zarr"
        arguments = ["-q", "-i", str(source), "-o", str(directly), "-m", "dask_bin_shrink"]
        subprocess.run([converter, *arguments], check=True)
        assert tree(result) == tree(directly)
        found[image] = read_by_another_library(converter, source, result)

    assert len(tree(bucket / "zarr" / "retina")) == 153
    assert found["retina"]["levels"] == [[3, 1411, 1411], [3, 705, 705], [3, 352, 352]]
    assert found["retina"]["channels"] == ["Red", "Green", "Blue"]
    assert found["tissue"]["channels"] == ["Haematoxylin", "DAB"]
    assert found["tissue"]["pixel"] == {"c": 1.0, "y": 0.5, "x": 0.5}
    assert found["cell"]["pixel"] == {"y": 0.1, "x": 0.1}
    assert found["cell"]["unit"] == "micrometer"


def tree(folder):
    """{name: content} of every file in a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read_by_another_library(converter, source, result):
    """What zarr-python reads; the pixels must be those of the image."""
    python = Path(converter).with_name("python")
    found = json.loads(subprocess.check_output([str(python), str(READER), str(source), str(result)]))
    assert found["same pixels"], source
    assert found["levels are means of the level before"], source
    return found
