"""Decoding 2048 x 2048 pixels with 2,000 objects, against scikit-image's seeded watershed.

Prints the time of `instances_from_height` as a ratio of `peak_local_max` + `watershed` on the same
height, the best of several rounds of each in turn, and how well both agree with the truth.
"""

from __future__ import annotations

import time

import numpy as np
from skimage.feature import peak_local_max
from skimage.segmentation import watershed

from napari_unet import DecodeConfig, evaluate
from napari_unet.core.decoding.decode import instances_from_height
from napari_unet.core.decoding.hills import blocks_of, smoothed_hills

SIZE, PITCH, NOISE, ROUNDS = 2048, 45, 0.05, 5


def scene() -> tuple[np.ndarray, np.ndarray]:
    """Draw noisy cones of radius 12 to 18 px; return the height and the true instances."""
    rng = np.random.default_rng(0)
    height = np.zeros((SIZE, SIZE), np.float32)
    truth = np.zeros((SIZE, SIZE), np.int32)
    grid = np.arange(PITCH // 2, SIZE, PITCH)
    centres = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    centres += rng.integers(-7, 8, centres.shape)
    for number, (y, x) in enumerate(centres, start=1):
        window = tuple(slice(max(c - 19, 0), min(c + 20, SIZE)) for c in (y, x))
        rows, columns = np.ogrid[window]
        cone = 1 - np.hypot(rows - y, columns - x) / rng.uniform(12, 18)
        higher = cone > height[window]
        truth[window][higher] = number
        height[window][higher] = cone[higher]
    return height + rng.normal(0, NOISE, height.shape).astype(np.float32), truth


def seeded_watershed(height: np.ndarray, foreground: np.ndarray) -> np.ndarray:
    peaks = peak_local_max(height, min_distance=5, labels=foreground.astype(np.uint8))
    markers = np.zeros(height.shape, np.int32)
    markers[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    return watershed(-height, markers, mask=foreground)


def main() -> None:
    height, truth = scene()
    foreground = truth > 0
    everywhere = np.ones_like(foreground)
    blocks = blocks_of(height.shape, None)
    smooth = smoothed_hills(height, everywhere, blocks)[1:-1, 1:-1]
    ways = {
        "instances_from_height": lambda: instances_from_height(height, foreground, DecodeConfig()),
        "peak_local_max + watershed": lambda: seeded_watershed(smooth, foreground),
    }
    best = dict.fromkeys(ways, np.inf)
    found = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            found[name] = way()
            best[name] = min(best[name], time.perf_counter() - start)
    print(f"{SIZE} x {SIZE}, {truth.max()} objects, foreground {foreground.mean():.0%}")
    for name, seconds in best.items():
        matching = evaluate(found[name], truth).at(0.5)
        print(f"{name:28s} {seconds:.3f} s, {found[name].max()} objects, AP {matching.ap:.3f}")
    ours, reference = best.values()
    print(f"ratio {ours / reference:.3f} (at most 0.5; the reference is given a smoothed height)")


if __name__ == "__main__":
    main()
