"""Training on a tenth of the objects against training on all, in the same images and time.

``python benchmarks/sparse.py DATA OUT [--minutes 3] [--images 8] [--model nuclei]``

Of each image a rectangle is kept that holds about a tenth of its objects; inside it everything
unpainted is background, outside nothing counts. DATA as for ``few_shot.py``.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from few_shot import samples, trained
from numpy.typing import NDArray

from napari_unet import Sample, find_model

SHARE = 0.1


def rectangle(labels: NDArray[np.integer], share: float) -> NDArray[np.bool_]:
    """Return the rectangle around the image's middle object with a share of all objects."""
    numbers = np.unique(labels[labels > 0])
    wanted = max(1, round(share * numbers.size))
    middle = np.array(labels.shape) / 2
    places = np.argwhere(labels > 0)
    first = places[((places - middle) ** 2).sum(axis=1).argmin()]
    inside = np.zeros(labels.shape, bool)
    for reach in range(4, max(labels.shape)):
        window = tuple(slice(max(0, round(at - reach)), round(at + reach)) for at in first.tolist())
        counts = np.bincount(labels[window].ravel(), minlength=int(labels.max()) + 1)[1:]
        whole = np.bincount(labels.ravel(), minlength=int(labels.max()) + 1)[1:]
        if ((counts >= 0.5 * whole) & (whole > 0)).sum() >= wanted:
            inside[window] = True
            return inside
    raise ValueError("No rectangle holds so many objects.")


def thinned(sample: Sample) -> Sample:
    """Return a training sample of which only a rectangle counts."""
    if sample.validation:
        return sample
    return replace(sample, ignored=~rectangle(sample.labels, SHARE))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--model", default="nuclei")
    options = parser.parse_args()
    start = find_model(options.model)
    dense = [*samples(options.data, "train", options.images), *samples(options.data, "val")]
    sparse = [thinned(sample) for sample in dense]
    pixels = [1 - sample.ignored.mean() for sample in sparse if sample.ignored is not None]
    runs = [
        trained(options.out / name, given, start, options.minutes)
        for name, given in (("dense", dense), ("sparse", sparse))
    ]
    one, other = (run.records()[-1]["ap50"] for run in runs)
    print(f"annotated pixels: {np.mean(pixels):.1%}")
    print(f"AP at 0.5: dense {one:.3f}, sparse {other:.3f}, ratio {other / one:.2f}")
