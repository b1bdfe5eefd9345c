"""Two balls, and a microscope's image of them."""

import numpy as np


def make_labels(ndim: int, size: int = 48, depth: int = 16) -> np.ndarray:
    """Two balls that do not touch, numbered 1 and 2."""
    shape = (depth, size, size)[-ndim:]
    grid = np.indices(shape)
    labels = np.zeros(shape, np.uint16)
    for number, place in enumerate((0.3, 0.7), start=1):
        centre = [0.5 * depth, place * size, place * size][-ndim:]
        distance = sum((index - middle) ** 2 for index, middle in zip(grid, centre, strict=True))
        labels[distance < 36] = number
    return labels


def make_image(labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """Bright objects on a dark, noisy background, uint8."""
    noise = np.random.default_rng(seed).integers(0, 20, labels.shape)
    return (noise + 150 * (labels > 0)).astype(np.uint8)
