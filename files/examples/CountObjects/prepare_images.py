#!/usr/bin/env python3
"""Copies real photographs and microscope images that scikit-image carries into FOLDER/images.

`prepare_images.py FOLDER`: FOLDER is then the bucket of a rehearsal.
"""

import shutil
import sys
from pathlib import Path

import skimage

IMAGES = (
    "cell.png",
    "coins.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "microaneurysms.png",
    "page.png",
)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: prepare_images.py FOLDER")
    carried = Path(skimage.__file__).parent / "data"
    folder = Path(sys.argv[1]) / "images"
    folder.mkdir(parents=True, exist_ok=True)
    for name in IMAGES:
        shutil.copy(str(carried / name), str(folder / name))
    print(f"{len(IMAGES)} images are in {folder}")


if __name__ == "__main__":
    main()
