"""The image that a package is tested with, and its picture on the cover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.segmentation import find_boundaries

from napari_unet.core.image.tiles import read_window
from napari_unet.nn.model import Model

_USUAL = 24
"""Diameter in px of what is drawn where the size of a model's objects is not known."""
_OUTLINE = (255, 200, 0)


def middle_of(image: Any, size: Sequence[int]) -> NDArray[Any]:
    """Return the middle of an image, reflected where it is smaller.

    Parameters
    ----------
    image
        ``(C, *spatial)``, any real dtype.
    size
        Pixels along the spatial axes.

    Returns
    -------
    ``(C, *size)``, of the same dtype.
    """
    starts = [(there - wanted) // 2 for there, wanted in zip(image.shape[1:], size, strict=True)]
    window = tuple((start, start + wanted) for start, wanted in zip(starts, size, strict=True))
    return read_window(image, window)


def drawn(model: Model, size: Sequence[int]) -> NDArray[np.uint8]:
    """Draw bright discs of about the size that a model knows, in uneven light with noise.

    Parameters
    ----------
    model
        Whose package it is for.
    size
        Pixels along the spatial axes.

    Returns
    -------
    uint8 ``(C, *size)``, always the same.
    """
    random = np.random.default_rng(0)
    diameter = model.object_size or _USUAL
    apart = round(1.6 * diameter)
    seeds = np.zeros(size, bool)
    seeds[(slice(apart // 2, None, apart),) * len(size)] = True
    near = ndimage.distance_transform_edt(~seeds) if seeds.any() else np.zeros(size)
    discs = 1 / (1 + np.exp(near - diameter / 2))
    light = 0.7 + 0.3 * np.linspace(0, 1, size[-1])
    image = 20 + 150 * discs * light + random.normal(0, 5, (model.config.in_channels, *size))
    return np.clip(image, 0, 255).astype(np.uint8)


def cover(image: NDArray[Any], instances: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Return an image and, to its right, the same with the outlines of its objects.

    Parameters
    ----------
    image
        ``(C, *spatial)``, any real dtype; three channels are taken for red, green and blue, of
        others the first is shown.
    instances
        ``(*spatial)``; of volumes the middle plane is shown.

    Returns
    -------
    uint8 ``(y, 2 * x, 3)``.
    """
    if instances.ndim == 3:
        image, instances = image[:, len(instances) // 2], instances[len(instances) // 2]
    shown = np.moveaxis(image if len(image) == 3 else image[[0, 0, 0]], 0, -1).astype(np.float32)
    dark, bright = np.percentile(shown, (0.5, 99.5))
    left = np.clip((shown - dark) / max(bright - dark, 1e-6) * 255, 0, 255).astype(np.uint8)
    right = left.copy()
    outlines = find_boundaries(instances, mode="inner")  # type: ignore[no-untyped-call]
    right[outlines] = _OUTLINE
    return np.concatenate([left, right], axis=1)
