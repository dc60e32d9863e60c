#!/usr/bin/env python3
"""Writes four real microscope images as OME-TIFF: `prepare_images.py FOLDER`, the bucket of a rehearsal.

They are images that scikit-image carries. The stained tissue is unmixed into its stains, as 16-bit channels.
"""

import sys
from pathlib import Path

import numpy as np
import skimage
import tifffile
from skimage import color, exposure, io

# {name: (file, micrometres a pixel, names of its channels)}; the pixel sizes are guesses.
IMAGES = {
    "cell": ("cell.png", 0.1, ["Phase"]),
    "microaneurysms": ("microaneurysms.png", 8.0, ["Green"]),
    "retina": ("retina.jpg", 8.0, ["Red", "Green", "Blue"]),
    "tissue": ("ihc.png", 0.5, ["Haematoxylin", "DAB"]),
}


def channels_of(name, picture):
    """The picture with its channels in front."""
    if name == "tissue":
        haematoxylin, _, dab = np.moveaxis(color.rgb2hed(picture), -1, 0)
        stains = [exposure.rescale_intensity(stain, out_range=(0, 65535)) for stain in (haematoxylin, dab)]
        return np.stack(stains).astype(np.uint16)
    return picture[np.newaxis] if picture.ndim == 2 else np.moveaxis(picture[..., :3], -1, 0)


def write(path, pixels, size, channels):
    """An OME-TIFF with the size of a pixel and the names of the channels."""
    metadata = {
        "axes": "CYX",
        "Channel": {"Name": channels},
        **{f"PhysicalSize{axis}": size for axis in "XY"},
        **{f"PhysicalSize{axis}Unit": "µm" for axis in "XY"},
    }
    tifffile.imwrite(str(path), pixels, photometric="minisblack", compression="zlib", metadata=metadata)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: prepare_images.py FOLDER")
    carried = Path(skimage.__file__).parent / "data"
    folder = Path(sys.argv[1]) / "images"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (file, size, channels) in IMAGES.items():
        pixels = channels_of(name, io.imread(str(carried / file)))
        write(folder / f"{name}.ome.tif", pixels, size, channels)
    print(f"{len(IMAGES)} images are in {folder}")


if __name__ == "__main__":
    main()
