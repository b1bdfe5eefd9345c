"""Which fields are taken for empty: made ones without objects, and real images with objects.

``python benchmarks/empty.py DATA [--seeds 5] [--every 1] [--model nuclei]``

DATA holds folders with ``images`` and, where objects are numbered, ``labels``. The first table has
the share of empty fields that is recognised, and the objects that the model finds where it is not;
the second the share of images with objects that is kept, as they are and cut down to windows that
hold one object. What is kept goes through the network as ever, so its labels are the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray

from napari_unet import load_model, segment
from napari_unet.core.image.look.emptiness import looks_empty

SHAPE = (512, 512)
WINDOW = 96
TYPES = (np.uint8, np.uint16, np.float32)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--every", type=int, default=1, help="take each so many-th image only")
    parser.add_argument("--model", default="nuclei")
    options = parser.parse_args()
    print("| empty field | called empty | objects in the others |\n|---|---|---|")
    for name, fields in made(options.seeds).items():
        missed = [field for field in fields if not looks_empty([field[np.newaxis]])]
        model = load_model(options.model) if missed else None
        counts = [segment(field, model).instances.max() for field in missed if model]
        called = len(fields) - len(missed)
        print(f"| {name} | {called} of {len(fields)} | {', '.join(map(str, counts))} |")
    print("\n| real images | kept | windows with one object kept | without objects, called empty |")
    print("|---|---|---|---|")
    for folder in sorted(options.data.glob("*/images")):
        print(f"| {folder.parent.name} | {' | '.join(kept(folder, options.every))} |")


def made(seeds: int) -> dict[str, list[NDArray[np.generic]]]:
    """Return empty fields by what they are, each in several types of numbers."""
    fields: dict[str, list[NDArray[np.generic]]] = {}
    for seed in range(seeds):
        for name, values in drawn(np.random.default_rng(seed)):
            for kind in TYPES:
                whole = values if np.issubdtype(kind, np.floating) else values.round()
                limits = (0, np.iinfo(kind).max) if np.issubdtype(kind, np.integer) else (None,) * 2
                clipped = whole if limits[0] is None else whole.clip(*limits)
                fields.setdefault(name, []).append(clipped.astype(kind))
    return fields


def drawn(chance: np.random.Generator) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield a field of each kind, of grey values that fit into 8 bits."""
    down, across = np.indices(SHAPE) / SHAPE[0]
    away = np.hypot(down - 0.5, across - 0.45)
    noise = chance.normal(0, 1, SHAPE)
    yield "constant", np.full(SHAPE, 7.0)
    for strength in (0.3, 1, 10):
        yield f"read-out noise of {strength:g}", 100 + strength * noise
    for photons in (0.02, 0.5, 5, 100):
        yield f"{photons:g} photons", chance.poisson(photons, SHAPE).astype(float)
    yield "uniform noise", chance.uniform(0, 255, SHAPE)
    yield "exponential noise", chance.exponential(20, SHAPE)
    for share in (1e-4, 1e-2):
        hot = 150 * (chance.random(SHAPE) < share)
        yield f"hot pixels, {share:.2%}", 20.0 + hot
        yield f"hot pixels, {share:.2%}, and noise", 20 + 3 * noise + hot
    yield "ramp", 200 * across + 40 * down
    yield "ramp and noise", 20 + 3 * noise + 200 * across
    yield "vignette", 240 * np.cos(away) ** 4
    yield "vignette and photons", chance.poisson(150 * np.cos(1.3 * away) ** 4).astype(float)


def kept(folder: Path, every: int) -> tuple[str, str, str]:
    """Return the shares of a folder's images and windows that are not taken for empty."""
    images, windows, bare = [], [], []
    for path in sorted(folder.glob("*.tif"))[::every]:
        image, truth = tifffile.imread(path), folder.parent / "labels" / path.name
        labels = tifffile.imread(truth) if truth.exists() else None
        colour = image.ndim == 3 and image.shape[-1] == 3
        planes = np.moveaxis(image, -1, 0) if colour else image[np.newaxis]
        (images if labels is None or labels.any() else bare).append(looks_empty([planes]))
        if labels is not None and labels.ndim == 2:
            windows += [looks_empty([planes[:, *where]]) for where in lonely(labels)]
    return told(images), told(windows), f"{sum(bare)} of {len(bare)}"


def told(empty: list[bool]) -> str:
    """Return how many are not empty."""
    return f"{len(empty) - sum(empty)} of {len(empty)}"


def lonely(labels: NDArray[np.integer]) -> Iterator[tuple[slice, slice]]:
    """Yield windows that hold one object of at least 30 pixels."""
    for top in range(0, labels.shape[0] - WINDOW + 1, WINDOW // 2):
        for left in range(0, labels.shape[1] - WINDOW + 1, WINDOW // 2):
            where = slice(top, top + WINDOW), slice(left, left + WINDOW)
            inside = labels[where]
            if np.unique(inside[inside > 0]).size == 1 and (inside > 0).sum() >= 30:
                yield where


if __name__ == "__main__":
    main()
