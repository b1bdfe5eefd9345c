"""What a model makes of spoiled images, and how often it is told that its labels may be wrong.

``python benchmarks/spoiled.py IMAGES LABELS [--names val.txt] [--model nuclei] [--every 1]``

IMAGES and LABELS hold files of one name, planes of one channel. Each image is blurred, saved as
JPEG, seen with few photons, and shown with cells that glow around their nuclei. The table has the
AP at IoU .5 and .7 and the share of results that are doubted.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from imageio.v3 import imread, imwrite
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter

from napari_unet import evaluate, load_model, pool, segment

Plane = NDArray[Any]
Spoil = Callable[[Plane, Plane], Plane]
"""Of an image and its labels, a spoiled image."""
BLURS, QUALITIES, PHOTONS = (1.0, 2.0, 3.0, 4.0), (30, 10, 5), (50, 10, 5, 2)
GLOWS = (0.4, 0.5), (0.2, 1.0), (0.4, 1.0), (0.4, 2.0)
"""How bright cytoplasm is, of its nucleus, and how far it reaches, in radii of it."""
AT = 0.5, 0.7
GROUND = 0.1
"""Photons of the ground, of those of the brightest pixels."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--names", type=Path, help="a file with a name per line; all without it")
    parser.add_argument("--model", default="nuclei")
    parser.add_argument("--every", type=int, default=1, help="take each so many-th image only")
    options = parser.parse_args()
    model, pairs = load_model(options.model), list(read(options))
    print("| images | AP at .5 | at .7 | doubted |\n|---|---|---|---|")
    for name, spoil in {"as they are": as_it_is, **spoilers()}.items():
        found = [segment(spoil(image, truth), model, axes="YX") for image, truth in pairs]
        report = pool(
            [
                evaluate(each.instances, truth, thresholds=AT)
                for each, (_, truth) in zip(found, pairs, strict=True)
            ]
        )
        figures = " | ".join(f"{report.at(at).ap:.3f}" for at in AT)
        doubted = np.mean([each.fit.doubtful for each in found])
        print(f"| {name} | {figures} | {doubted:.0%} |", flush=True)


def read(options: argparse.Namespace) -> Iterator[tuple[Plane, Plane]]:
    """Yield images with their labels."""
    files = sorted(options.images.glob("*.tif"))
    if options.names:
        names = options.names.read_text().split()
        files = [file for file in files if file.stem in names]
    for file in files[:: options.every]:
        yield tifffile.imread(file), tifffile.imread(options.labels / file.name)


def spoilers() -> dict[str, Spoil]:
    """Return the ways to spoil an image, by name."""
    blurs = {f"blurred by {each:g} px": partial(blurred, sigma=each) for each in BLURS}
    jpegs = {f"JPEG of quality {each}": partial(as_jpeg, quality=each) for each in QUALITIES}
    dims = {f"{each} photons": partial(dim, photons=each) for each in PHOTONS}
    glows: dict[str, Spoil] = {
        f"cytoplasm of {level:.0%}, {reach:g} radii wide": partial(glow, level=level, reach=reach)
        for level, reach in GLOWS
    }
    return {name: without_labels(each) for name, each in (blurs | jpegs | dims).items()} | glows


def without_labels(spoil: Callable[[Plane], Plane]) -> Spoil:
    """Return a way to spoil an image that does not look at its labels."""
    return lambda image, _: spoil(image)


def as_it_is(image: Plane, _: Plane) -> Plane:
    """Return the image."""
    return image


def blurred(image: Plane, sigma: float) -> Plane:
    """Return an image out of focus."""
    return np.asarray(gaussian_filter(image.astype(np.float32), sigma))


def as_jpeg(image: Plane, quality: int) -> Plane:
    """Return what is left of an image in a small file."""
    grey = (255 * stretched(image)).astype(np.uint8)
    file = BytesIO()
    imwrite(file, grey, extension=".jpg", quality=quality)
    return imread(file.getvalue(), extension=".jpg")


def dim(image: Plane, photons: int) -> Plane:
    """Return an image of so many photons at its brightest pixels, the same ones each time."""
    mean = photons * (stretched(image) + GROUND)
    return np.random.default_rng(0).poisson(mean).astype(np.uint16)


def glow(image: Plane, truth: Plane, level: float, reach: float) -> Plane:
    """Return an image of which the cells glow around their nuclei, the same ones each time."""
    plane, chance = stretched(image), np.random.default_rng(0)
    if not truth.any():
        return image
    area = np.bincount(truth.ravel())
    shone = np.bincount(truth.ravel(), weights=plane.ravel()) / np.maximum(area, 1)
    radius = np.sqrt(area[1:][area[1:] > 0].mean() / np.pi)
    distance, nearest = distance_transform_edt(truth == 0, return_indices=True)
    ragged = grains(chance, truth.shape, radius / 2)
    fading = (distance - radius * reach * (1 + 0.35 * ragged)) / (0.12 * radius)
    cell = (shone * np.exp(chance.normal(0, 0.4, area.size)))[truth[tuple(nearest)]]
    light = gaussian_filter(level * cell / (1 + np.exp(fading.clip(-30, 30))), 0.6)
    uneven = (1 + 0.2 * grains(chance, truth.shape, max(radius / 8, 0.7))).clip(0.1)
    return np.asarray(1000 * (plane + light * uneven)).astype(np.uint16)


def grains(chance: np.random.Generator, shape: tuple[int, ...], sigma: float) -> Plane:
    """Return smooth noise of standard deviation 1."""
    smooth = gaussian_filter(chance.normal(0, 1, shape), sigma)
    return np.asarray(smooth / smooth.std())


def stretched(image: Plane) -> Plane:
    """Return grey values from 0 to 1, without the brightest pixels."""
    low, high = np.percentile(image, [1, 99.5])
    return np.asarray(((image - low) / max(high - low, 1e-6)).clip(0, 1))


if __name__ == "__main__":
    main()
