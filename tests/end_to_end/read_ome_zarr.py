"""Reads an OME-Zarr with other libraries than wrote it, and compares it with the image it was made from.

`read_ome_zarr.py IMAGE.ome.tif IMAGE.ome.zarr`, in the tools' environment; prints what it found as JSON.
"""

import json
import sys

import numpy as np
import tifffile
import zarr
from ome_zarr_models.v05 import Image


def means_of_two_by_two(pixels):
    rows, columns = (size // 2 for size in pixels.shape[-2:])
    blocks = pixels[..., : 2 * rows, : 2 * columns].reshape(*pixels.shape[:-2], rows, 2, columns, 2)
    return blocks.mean(axis=(-3, -1))


def main():
    image, folder = sys.argv[1:]
    group = zarr.open_group(folder, mode="r")
    told = Image.from_zarr(group).ome_attributes  # refuses what is not as the specification says
    (pyramid,) = told.multiscales
    levels = [group[one.path][:] for one in pyramid.datasets]
    original = tifffile.imread(image)
    names = [axis.name for axis in pyramid.axes]
    found = {
        "same pixels": levels[0].dtype == original.dtype and bool(np.array_equal(levels[0], original)),
        "levels are means of the level before": all(
            bool((abs(small - means_of_two_by_two(large)) <= 0.5).all())
            for large, small in zip(levels, levels[1:])
        ),
        "levels": [list(level.shape) for level in levels],
        "channels": [channel["label"] for channel in group.attrs["ome"]["omero"]["channels"]],
        "pixel": dict(zip(names, pyramid.datasets[0].coordinateTransformations[0].scale)),
        "unit": pyramid.axes[-1].unit,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
