"""Bring grey values to a common range, over the whole image and never per tile.

Percentiles are those of every pixel, or of the windows that stand for a large image.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.config import NormalizeConfig
from napari_unet.core.image.sampled import sample

Limits = NDArray[np.floating[Any]]
"""Float, as `exact` says, ``(2, C)``: the grey values that become 0 and 1, per channel."""
_LEAST_SPREAD = 1e-6
"""Added to a standard deviation, as bioimage.io has it."""
BEYOND = 3.0
"""Grey values are cut off this many times the range below and above it.

Five hot pixels of 65,535 in an image of nuclei below 200 made dozens of false objects (AP .36, and
.83 with it). Nothing is cut off in 98 % of the images that the models of planes know.
"""
_MARKS, _ALIKE = 2.0, 0.1
"""Marks are at most this many percent of an image, and their grey values this much of the gap below
them apart."""


def exact(kind: np.dtype[Any]) -> np.dtype[Any]:
    """Return in which numbers grey values of a dtype are calculated with until they are normalised.

    Float64 where float32 does not hold them all, as integers of four bytes on a high offset: there
    its steps may be wider than all of the contrast.
    """
    return np.result_type(kind, np.float32)


def limits(image: Any, config: NormalizeConfig) -> Limits:
    """Return the grey values that become 0 and 1.

    Parameters
    ----------
    image
        ``(C, *spatial)``, any real dtype; anything with a shape that can be cut.
    config
        The percentiles.

    Returns
    -------
    Float, as `exact` says, ``(2, C)``. A channel whose percentiles coincide takes its whole range,
    and a constant channel becomes 0.
    """
    return limits_of(sample(image), config)


def limits_of(windows: Sequence[NDArray[np.generic]], config: NormalizeConfig) -> Limits:
    """Return the limits of an image whose `sample` was taken already.

    Parameters
    ----------
    windows
        Parts of the image, each ``(C, ...)`` of any numeric dtype.
    config
        The percentiles.

    Returns
    -------
    Float ``(2, C)``, as `limits` gives them.
    """
    flat = [window.reshape(len(window), -1) for window in windows]
    channels = flat[0] if len(flat) == 1 else np.concatenate(flat, axis=1)
    if config.method == "none":
        return np.array([[0.0], [1.0]], np.float32).repeat(len(channels), axis=1)
    groups = channels.reshape(1, -1) if config.joint else channels
    pairs = [_limits(group, config) for group in groups] * (len(channels) // len(groups))
    lows, highs = np.asarray(pairs, dtype=exact(channels.dtype)).T
    # two large values may be one
    return np.stack([lows, np.maximum(highs, np.nextafter(lows, lows.dtype.type(np.inf)))])


def _limits(values: Any, config: NormalizeConfig) -> tuple[float, float]:
    """Return the grey values that become 0 and 1."""
    if config.method == "mean":
        mean = float(values.mean(dtype=np.float64))
        return mean, mean + float(values.std(dtype=np.float64)) + _LEAST_SPREAD
    low, high = _percentiles(values, config)
    if low == high:
        low, high = values.min(), values.max()
    return low, high if high > low else low + 1.0


def _percentiles(values: Any, config: NormalizeConfig) -> tuple[float, float]:
    """Return the percentiles of all grey values, or of those that are no marks."""
    low, most, high = np.percentile(values, [config.low, 100 - _MARKS, config.high])
    if config.robust and high - most > (high - low) / 3:
        rest = _without_marks(values, low)
        if len(rest) < len(values):
            low, high = np.percentile(rest, [config.low, config.high])
    return low, high


def _without_marks(values: Any, low: float) -> Any:
    """Return grey values without scale bars, text and hot rows.

    They are few and alike, and between them and the others is a gap as wide as the others' range:
    with them as the upper limit all else would be black.
    """
    few = math.ceil(len(values) * _MARKS / 100)
    brightest = np.sort(np.partition(values, -few)[-few:]).astype(np.float64)
    gaps = np.diff(brightest)
    widest = int(gaps.argmax()) if len(gaps) else 0
    below, above = brightest[widest : widest + 2] if len(gaps) else (low, low)
    alike = brightest[-1] - above <= _ALIKE * (above - below)
    apart = above - below >= below - low > 0
    return values[values <= below] if alike and apart else values


def normalize(
    image: NDArray[np.generic], limits: Limits, config: NormalizeConfig
) -> NDArray[np.float32]:
    """Return an image, or a part of it, with its limits brought to 0 and 1.

    Parameters
    ----------
    image
        ``(C, *spatial)``, any real dtype.
    limits
        What `limits` returned for the whole image.
    config
        Whether what is far beyond the limits is cut off, see `BEYOND`.
    """
    bounds = limits.astype(exact(image.dtype), copy=False)
    low, high = (bound.reshape(-1, *[1] * (image.ndim - 1)) for bound in bounds)
    scaled = np.subtract(image, low)
    scaled /= high - low
    normalized: NDArray[np.float32] = scaled.astype(np.float32, copy=False)
    if config.robust and config.method == "percentiles":
        np.clip(normalized, -BEYOND, 1 + BEYOND, out=normalized)
    return normalized
