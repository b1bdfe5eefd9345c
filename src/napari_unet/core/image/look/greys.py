"""The grey values of an image in a few figures, by which one is told from those a model knows."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_unet.core.image.look.brightest import brightest
from napari_unet.core.image.look.lines import lines
from napari_unet.core.image.look.margin import margin
from napari_unet.core.image.look.sharpness import sharpness
from napari_unet.core.image.normalize import exact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_unet.core.image.normalize import Limits

_PIXELS = 2**16
"""The median needs no more."""


class Greys(NamedTuple):
    """Grey values of an image, 0 at the lower limit and 1 at the upper one.

    Parameters
    ----------
    grey
        The median.
    contrast
        How far the percentiles 10 and 90 are apart.
    margin
        Which share is an even margin around the picture.
    sharpness
        How steep its edges are.
    saturated, drawn, hot, overexposed
        As in `napari_unet.core.image.look.brightest.Brightest`.
    lines
        How far lines stand off from those beside them.
    """

    grey: float
    contrast: float
    margin: float = 0.0
    sharpness: float = 1.0
    saturated: float = 0.0
    drawn: float = 0.0
    hot: float = 0.0
    overexposed: float = 0.0
    lines: float = 0.0


def greys_of(
    windows: Sequence[NDArray[np.generic]], found: Limits, by: Sequence[float] = (1.0, 1.0)
) -> Greys:
    """Return what the grey values of an image are like.

    Parameters
    ----------
    windows
        Parts of the image, each ``(C, ...)`` of any numeric dtype.
    found
        Float ``(2, C)``, as `limits_of` gives them.
    by
        Pixels that a network sees per pixel of the image, along each spatial axis.

    Returns
    -------
    Means over the channels, of some tens of thousands of pixels; the margin, the sharpness, what
    the brightest pixels and the lines are, of all.
    """
    flat = np.concatenate([window.reshape(len(window), -1) for window in windows], axis=1)
    some = flat[:, :: ceil(flat.shape[1] / _PIXELS)]
    some = some.astype(exact(some.dtype), copy=False)
    low, high = found
    dark, median, bright = np.percentile(some, (10, 50, 90), axis=1)
    scale = high - low
    middle, apart = np.mean((median - low) / scale), np.mean((bright - dark) / scale)
    around, steep = margin(windows, found), sharpness(windows, found, by)
    figures = float(middle), float(apart), around, steep, *brightest(windows, found)
    return Greys(*figures, lines(windows, found, by))
