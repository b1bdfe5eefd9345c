"""Border weight map of 1024 x 1024 with 500 objects, against brute force and against one EDT."""

from __future__ import annotations

import time

import numpy as np
from scipy import ndimage
from timing import best

from napari_unet import border_weight_map
from napari_unet.core.instances.labels import part_touching

W0, SIGMA, SIZE, OBJECTS = 10.0, 5.0, 1024, 500


def ellipses(rng: np.random.Generator) -> np.ndarray:
    """Paint objects of random size, shape and place; none is painted over another."""
    labels = np.zeros((SIZE, SIZE), np.int32)
    rows, columns = np.indices(labels.shape, sparse=True)
    number = 0
    while number < OBJECTS:
        y, x = rng.uniform(0, SIZE, 2)
        a, b = rng.uniform(8, 18, 2)
        inside = ((rows - y) / a) ** 2 + ((columns - x) / b) ** 2 < 1
        if inside.any() and not labels[inside].any():
            number += 1
            labels[inside] = number
    return labels


def brute_force(labels: np.ndarray) -> np.ndarray:
    """Compute the formula with one EDT over the whole image for each object."""
    d1 = np.full(labels.shape, np.inf)
    d2 = d1.copy()
    for number in range(1, labels.max() + 1):
        d = ndimage.distance_transform_edt(labels != number)
        d2 = np.minimum(d2, np.maximum(d1, d))
        d1 = np.minimum(d1, d)
    border = W0 * np.exp(-((d1 + d2) ** 2) / (2 * SIGMA**2))
    return 1 + np.where(labels == 0, border, 0)


def main() -> None:
    labels = part_touching(ellipses(np.random.default_rng(0)))
    background = labels == 0
    fast = best(lambda: border_weight_map(labels, W0, SIGMA), 7)
    edt = best(lambda: ndimage.distance_transform_edt(background), 7)
    start = time.perf_counter()
    expected = brute_force(labels)
    brute = time.perf_counter() - start
    difference = np.abs(border_weight_map(labels, W0, SIGMA) - expected).max()
    print(f"weight map {fast:.3f} s, one EDT {edt:.3f} s, brute force {brute:.1f} s")
    print(f"one EDT: {fast / edt:.2f} times its time (target at most 6)")
    print(f"brute force: {brute / fast:.0f} times faster (target at least 40)")
    print(f"largest difference from brute force: {difference:.1e} (target at most 1e-5)")


if __name__ == "__main__":
    main()
