#!/usr/bin/env python3
"""Counts the objects in an image: `count_objects.py IMAGE FOLDER --method otsu`.

Writes FOLDER/objects.csv, a row for each object, and FOLDER/outlines.png, the image with them outlined.
Steps: grey values, even lighting, threshold, holes filled, touching objects parted, small ones left out.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
from scipy import ndimage
from skimage import color, feature, filters, io, measure, morphology, segmentation, util

METHODS = {
    "otsu": filters.threshold_otsu,
    "li": filters.threshold_li,
    "isodata": filters.threshold_isodata,
    "yen": filters.threshold_yen,
}
COLUMNS = ("label", "area", "centroid_row", "centroid_column", "eccentricity", "solidity", "mean_intensity")


def grey_values(picture):
    """The picture as grey values from 0 to 1, whatever its channels."""
    if picture.ndim == 3 and picture.shape[2] == 4:
        picture = color.rgba2rgb(picture)
    if picture.ndim == 3:
        picture = color.rgb2gray(picture)
    if picture.ndim != 2:
        raise ValueError(f"it has {picture.ndim} dimensions; a grey or colour picture has 2 or 3")
    return util.img_as_float(picture)


def even_lighting(grey, smoothing):
    """Smooth, and take away what changes slower than a third of the picture."""
    width = max(grey.shape) // 3
    background = ndimage.uniform_filter(ndimage.uniform_filter(grey, width), width)
    return filters.gaussian(grey, smoothing) - background


def foreground(values, method):
    """The pixels of objects: the side of the threshold that holds less of the picture's border."""
    mask = values > METHODS[method](values)
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    return ~mask if border.mean() > 0.5 else mask


def part_touching(mask, distance):
    """Label the objects; those that touch are parted where they are narrowest (watershed)."""
    depth = filters.gaussian(ndimage.distance_transform_edt(mask), 1)
    peaks = feature.peak_local_max(
        depth, min_distance=distance, labels=measure.label(mask), exclude_border=False
    )
    seeds = np.zeros(mask.shape, dtype=int)
    seeds[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    return segmentation.watershed(-depth, seeds, mask=mask)


def count(grey, method, smoothing=1.5, smallest=30, distance=8):
    """The label of each pixel's object, 0 for background. Areas and distances in pixels."""
    mask = foreground(even_lighting(grey, smoothing), method)
    mask = ndimage.binary_fill_holes(morphology.opening(mask, morphology.disk(1)))
    labels = part_touching(mask, distance)
    sizes = np.bincount(labels.ravel())
    labels[np.isin(labels, np.flatnonzero(sizes < smallest))] = 0
    return segmentation.relabel_sequential(labels)[0]


def write_table(path, labels, grey):
    """One row for each object. Returns how many there are."""
    objects = measure.regionprops(labels, intensity_image=grey)
    with path.open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(COLUMNS)
        for one in objects:
            row, column = one.centroid
            measured = (row, column, one.eccentricity, one.solidity, one.intensity_mean)
            table.writerow([one.label, int(one.area), *(f"{value:.4f}" for value in measured)])
    return len(objects)


def write_picture(path, labels, grey):
    """The picture with the outline of every object in red."""
    canvas = color.gray2rgb(np.clip(grey, 0, 1))
    canvas[segmentation.find_boundaries(labels, mode="inner")] = (1, 0.1, 0.1)
    io.imsave(str(path), util.img_as_ubyte(canvas), check_contrast=False)


def main():
    parser = argparse.ArgumentParser(description="Count the objects in an image.")
    parser.add_argument("image", type=Path)
    parser.add_argument("folder", type=Path, help="gets objects.csv and outlines.png")
    parser.add_argument("--method", choices=METHODS, default="otsu", help="how the threshold is chosen")
    parser.add_argument("--smallest", type=int, default=30, help="area in pixels (default: 30)")
    parser.add_argument("--distance", type=int, default=8, help="least distance of two centres (default: 8)")
    given = parser.parse_args()
    try:
        grey = grey_values(io.imread(str(given.image)))
    except (OSError, ValueError, SyntaxError) as error:
        sys.exit(f"{given.image} cannot be read as a picture: {error}")
    labels = count(grey, given.method, smallest=given.smallest, distance=given.distance)
    given.folder.mkdir(parents=True, exist_ok=True)
    objects = write_table(given.folder / "objects.csv", labels, grey)
    write_picture(given.folder / "outlines.png", labels, grey)
    print(f"{given.image.name}: {objects} objects by {given.method}")


if __name__ == "__main__":
    main()
