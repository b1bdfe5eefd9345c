"""Training on a tenth of the objects against training on all, in the same images and time.

``python benchmarks/sparse.py DATA OUT [--minutes 2] [--images 8] [--model nuclei]``

Of each image a rectangle is kept that holds about a tenth of its objects; inside it everything
unpainted is background, outside nothing counts. DATA as for ``few_shot.py``.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from few_shot import images, trained
from numpy.typing import NDArray

from napari_unet import AnnotatedImage, Annotation, RunConfig, TrainConfig

SHARE = 0.1


def rectangle(labels: NDArray[np.integer], share: float) -> tuple[slice, ...]:
    """Return the rectangle around the image's middle object with a share of all objects."""
    numbers = np.unique(labels[labels > 0])
    wanted = max(1, round(share * numbers.size))
    middle = np.array(labels.shape) / 2
    places = np.argwhere(labels > 0)
    first = places[((places - middle) ** 2).sum(axis=1).argmin()]
    for reach in range(4, max(labels.shape)):
        window = tuple(
            slice(max(0, at - reach), min(size, at + reach))
            for at, size in zip(first.tolist(), labels.shape, strict=True)
        )
        counts = np.bincount(labels[window].ravel(), minlength=int(labels.max()) + 1)[1:]
        whole = np.bincount(labels.ravel(), minlength=int(labels.max()) + 1)[1:]
        if ((counts >= 0.5 * whole) & (whole > 0)).sum() >= wanted:
            return window
    raise ValueError("No rectangle holds so many objects.")


def thinned(image: AnnotatedImage) -> AnnotatedImage:
    """Return an image of which only a rectangle is annotated."""
    labels = image.annotation.instances
    window = rectangle(labels, SHARE)
    inside = np.zeros(labels.shape, bool)
    inside[window] = True
    box = [[side.start for side in window], [side.stop for side in window]]
    painted = Annotation(np.where(inside, labels, 0), boxes=np.array([box]))
    return replace(image, annotation=painted)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--model", default="nuclei")
    options = parser.parse_args()
    dense = images(options.data, "train", options.images, grey=False)
    sparse = [thinned(image) for image in dense]
    held_out = images(options.data, "val", None, grey=False)
    held_out = [replace(image, validation=True) for image in held_out]
    pixels = [1 - image.annotation.ignored().mean() for image in sparse]
    length = TrainConfig(minutes=options.minutes, device="cpu")
    base = RunConfig(train=length, start_from=options.model)
    runs = [
        trained(options.out / name, [*given, *held_out], base)
        for name, given in (("dense", dense), ("sparse", sparse))
    ]
    one, other = (run.records()[-1]["ap50"] for run in runs)
    print(f"annotated pixels: {np.mean(pixels):.1%}")
    print(f"AP at 0.5: dense {one:.3f}, sparse {other:.3f}, ratio {other / one:.2f}")
