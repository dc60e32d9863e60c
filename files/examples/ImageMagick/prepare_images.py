#!/usr/bin/env python3
"""Copies real images that scikit-image carries into three folders of FOLDER/images.

`prepare_images.py FOLDER`: FOLDER is then the bucket of a rehearsal.
"""

import shutil
import sys
from pathlib import Path

import skimage

FOLDERS = {
    "tissue": ("cell.png", "ihc.png", "microaneurysms.png", "retina.jpg"),
    "textures": ("brick.png", "grass.png", "gravel.png"),
    "photographs": ("astronaut.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "moon.png"),
}


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: prepare_images.py FOLDER")
    carried = Path(skimage.__file__).parent / "data"
    for name, files in FOLDERS.items():
        folder = Path(sys.argv[1]) / "images" / name
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(str(carried / file), str(folder / file))
    print(f"{len(FOLDERS)} folders are in {sys.argv[1]}/images")


if __name__ == "__main__":
    main()
