"""How sharp an image is: how much of what a few pixels span is climbed within one of them.

At an edge as steep as a microscope in focus draws it that is a fifth; out of focus, or enlarged, an
edge takes many pixels. Only the strongest edges of an image count, so that its contrast does not
matter. Noise is steep, too: it hides that an image is blurred.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.image.resample import resampled
from napari_unet.core.image.sampled import sample_windows

if TYPE_CHECKING:
    from napari_unet.core.image.normalize import Limits

_SMOOTHED, _SPAN = 1.0, 9
"""Sigma in pixels against noise, and the edge of the squares in which grey values are compared."""
_STRONG, _STRONGEST = 0.5, 98.0
"""What counts spans this much of that percentile."""
_STEEP = 90.0
"""Percentile of the slopes there."""
_PARTS, _PART_PIXELS = 16, 2**12
"""Of a plane, so many parts of so many pixels are looked at."""
_PLANES = 4
"""Of a volume, so many planes."""


def sharpness(
    windows: Sequence[NDArray[np.generic]], limits: Limits, by: Sequence[float] = (1.0, 1.0)
) -> float:
    """Return how steep the strongest edges of a plane or volume are.

    Parameters
    ----------
    windows
        Parts of it, each ``(C, *window)`` of any real dtype.
    limits
        Float ``(2, C)``, as `napari_unet.core.image.normalize.limits_of` gives them.
    by
        Pixels per pixel of the windows, along each spatial axis, where the image is to be judged as
        it looks at a smaller size. At a larger one it is as sharp as it is.

    Returns
    -------
    From 0 to 1: about .17 to .25 in focus, .13 where edges are blurred by 3 px; 1 without any edge.
    """
    slopes, spans = zip(*map(_edges, parts(windows, limits, by[-2:])), strict=True)
    slope, span = np.concatenate(slopes), np.concatenate(spans)
    strong = span > _STRONG * np.percentile(span, _STRONGEST)
    return float(np.percentile(slope[strong] / span[strong], _STEEP)) if strong.any() else 1.0


def parts(
    windows: Sequence[NDArray[Any]], limits: Limits, by: Sequence[float]
) -> Iterator[NDArray[np.float32]]:
    """Yield parts of some planes.

    Parameters
    ----------
    windows, limits
        As for `sharpness`.
    by
        As there, along Y and X.

    Yields
    ------
    float32 ``(Y, X)``, the mean of all channels from 0 to 1.
    """
    low, high = (each[:, np.newaxis, np.newaxis] for each in limits)
    smaller = [min(1.0, each) for each in by]
    pixels = round(_PART_PIXELS / prod(smaller))
    for window in windows[:: ceil(len(windows) / _PARTS)]:
        planes = window.reshape(len(window), -1, *window.shape[-2:])
        for index in _middles(planes.shape[1], _PLANES if len(windows) == 1 else 1):
            plane = planes[:, index]
            for rows, columns in sample_windows(plane.shape[1:], _PARTS, pixels):
                part = plane[:, slice(*rows), slice(*columns)]
                grey = np.clip((part - low) / (high - low), 0, 1).mean(axis=0, dtype=np.float32)
                size = [ceil(n * each) for n, each in zip(grey.shape, smaller, strict=True)]
                yield grey if grey.shape == (*size,) else resampled(grey, size)


def _middles(size: int, most: int) -> list[int]:
    """Return the middles of some equal lengths of an axis."""
    count = min(size, most)
    return [size * (2 * index + 1) // (2 * count) for index in range(count)]


def _edges(part: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the slope at each pixel, per pixel, and what the square around it spans."""
    from scipy import ndimage  # noqa: PLC0415 - slow to load, and the window knows this module

    smooth = ndimage.gaussian_filter(part, _SMOOTHED)
    span = ndimage.maximum_filter(smooth, _SPAN) - ndimage.minimum_filter(smooth, _SPAN)
    slope = np.hypot(*np.gradient(smooth)) if min(smooth.shape) > 1 else np.zeros_like(smooth)
    return slope.reshape(-1), span.reshape(-1)
