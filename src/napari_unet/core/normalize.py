"""Bring grey values to a common range, over the whole image and never per tile."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.config import NormalizeConfig

Limits = NDArray[np.float32]
"""Float32 ``(2, C)``: the grey values that become 0 and 1, per channel."""


def limits(image: NDArray[np.generic], config: NormalizeConfig) -> Limits:
    """Return the grey values that become 0 and 1.

    Parameters
    ----------
    image
        ``(C, *spatial)``, any real dtype.
    config
        The percentiles.

    Returns
    -------
    Float32 ``(2, C)``. A channel whose percentiles coincide takes its whole range, and a
    constant channel becomes 0.
    """
    pairs = []
    for channel in image:
        low, high = np.percentile(channel, [config.low, config.high])
        if low == high:
            low, high = channel.min(), channel.max()
        pairs.append((low, high if high > low else low + 1))
    lows, highs = np.asarray(pairs, dtype=np.float32).T
    # in float32 two large values may be one
    return np.stack([lows, np.maximum(highs, np.nextafter(lows, np.float32(np.inf)))])


def normalize(image: NDArray[np.generic], limits: Limits) -> NDArray[np.float32]:
    """Return an image, or a part of it, with its limits brought to 0 and 1.

    Parameters
    ----------
    image
        ``(C, *spatial)``, any real dtype.
    limits
        What `limits` returned for the whole image.
    """
    low, high = (bound.reshape(-1, *[1] * (image.ndim - 1)) for bound in limits)
    normalized = image.astype(np.float32)
    normalized -= low
    normalized /= high - low
    return normalized
