"""One click per object: how much of it *Add object* finds, in sets with ground truth.

``python benchmarks/add_object.py DATA SET... [--images 8] [--objects 8]``

DATA has a folder for each SET, with ``images``, ``labels`` and, where there is one, ``val.txt``, to
whose images the clicks keep. Clicked is the middle of each object, where no other is painted, where
all others are, and where all are but nothing is known of their size. The last column has the share
of clicks into the background, a diameter away from all objects, that add something.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from scipy import ndimage

from napari_unet.core.errors import UserError
from napari_unet.core.instances.add import REACHES, Click, object_at, usual_diameter, window

Point = tuple[int, ...]


def main() -> None:
    """Print a row for each set: median IoU and share of at least .5 in each case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--objects", type=int, default=8, help="of each image")
    options = parser.parse_args()
    print("| set | clicks | none painted | others painted | size unknown | background |")
    print("|---|---|---|---|---|---|")
    for name in options.sets:
        print(f"| {name} | {row(options.data / name, options.images, options.objects)} |")


def row(folder: Path, images: int, objects: int) -> str:
    """Return the cells of a set."""
    found: dict[str, list[float]] = {"none": [], "others": [], "unknown": [], "background": []}
    for image, labels in pictures(folder, images):
        diameter = usual_diameter(labels, (1,) * labels.ndim)
        for number, point in middles(labels, objects):
            alone, others = np.zeros_like(labels), np.where(labels == number, 0, labels)
            for case, painted, across in (
                ("none", alone, diameter),
                ("others", others, diameter),
                ("unknown", others, None),
            ):
                mask = clicked(image, painted, point, across)
                found[case].append(overlap(mask, labels == number))
        for point in background(labels, diameter or 0, objects):
            found["background"].append(clicked(image, labels, point, diameter).any())
    cells = [
        f"{np.median(found[case]):.2f}, {np.mean(np.array(found[case]) >= 0.5):.0%}"
        for case in ("none", "others", "unknown")
    ]
    false = f"{np.mean(found['background']):.0%}" if found["background"] else "–"
    return " | ".join([str(len(found["none"])), *cells, false])


def pictures(folder: Path, most: int) -> Iterator[tuple[NDArray[np.generic], NDArray[np.int64]]]:
    """Yield images, channels first, with their labels."""
    files = sorted((folder / "labels").glob("*.tif"))
    split = folder / "val.txt"
    names = set(split.read_text().split()) if split.exists() else {file.stem for file in files}
    for file in [each for each in files if {each.stem, each.name} & names][:most]:
        image, labels = tifffile.imread(folder / "images" / file.name), tifffile.imread(file)
        colour = image.ndim > labels.ndim
        yield np.moveaxis(image, -1, 0) if colour else image[np.newaxis], labels.astype(np.int64)


def middles(labels: NDArray[np.int64], most: int) -> Iterator[tuple[int, Point]]:
    """Yield some objects with the pixel in their middle; specks are left out."""
    numbers, counts = np.unique(labels[labels > 0], return_counts=True)
    for number in np.random.default_rng(0).permutation(numbers[counts >= 20])[:most]:
        mask = labels == number
        point = tuple(map(round, ndimage.center_of_mass(mask)))
        if not mask[point]:
            deepest = ndimage.distance_transform_edt(mask).argmax()
            point = tuple(map(int, np.unravel_index(deepest, mask.shape)))
        yield int(number), point


def background(labels: NDArray[np.int64], away: float, most: int) -> list[Point]:
    """Return some pixels that lie so far from all objects."""
    places = np.argwhere(ndimage.distance_transform_edt(labels == 0) > away)
    chosen = np.random.default_rng(0).permutation(len(places))[:most]
    return [tuple(map(int, places[each])) for each in chosen]


def clicked(
    image: NDArray[np.generic], labels: NDArray[np.int64], point: Point, diameter: float | None
) -> NDArray[np.bool_]:
    """Return what one click adds, of the image's shape."""
    spacing = (1.0,) * labels.ndim
    box = window(labels.shape, point, REACHES[labels.ndim][-1], spacing)
    inner = tuple(at - side.start for at, side in zip(point, box, strict=True))
    goes_on = tuple(
        (side.start > 0, side.stop < size) for side, size in zip(box, labels.shape, strict=True)
    )
    click = Click(image[(slice(None), *box)], labels[box], inner, goes_on, spacing)
    whole = np.zeros(labels.shape, bool)
    with contextlib.suppress(UserError):
        whole[box] = object_at(click, diameter)
    return whole


def overlap(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Return the intersection of two masks over their union."""
    return float((found & truth).sum() / (found | truth).sum())


if __name__ == "__main__":
    main()
