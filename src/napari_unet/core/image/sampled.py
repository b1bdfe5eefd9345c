"""Parts that stand for a whole image where all its pixels would be too many.

An image of up to 2**24 pixels is looked at whole. Of a larger one there are at most 1,024 windows
of about 2**14 pixels, evenly spaced from edge to edge: the same sample whether the image is in
memory or in a file, and however that file is cut up. Planes of a volume that are of one value, as
where a camera dropped frames, stand for nothing, channel by channel.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_unet.core.image.tiles import Interval, Region

WINDOWS = 1024
WINDOW_PIXELS = 2**14


def sample(image: Any) -> list[NDArray[np.generic]]:
    """Return the windows that stand for an image.

    Parameters
    ----------
    image
        ``(C, *spatial)``; anything with a shape that can be cut.

    Returns
    -------
    ``(C, *window)`` each; one that holds all pixels if these are not too many. Planes of one value
    are left out of volumes that have others; where they are so in some channels alone, these hold
    others of their planes there.
    """
    cuts = sample_windows(image.shape[1:])
    windows = [np.asarray(image[(slice(None), *(slice(*cut) for cut in each))]) for each in cuts]
    return _varied(windows, [each[0] for each in cuts]) if len(cuts[0]) == len("ZYX") else windows


def _varied(
    windows: list[NDArray[np.generic]], depths: Sequence[Interval]
) -> list[NDArray[np.generic]]:
    """Leave out the planes that are even in all windows of their depth, if others are not.

    One black plane of 51 took the lower limit below the camera's offset: AP at .5 of a volume of
    nuclei .67, as without it 1. Where only some channels of a plane are even, others of their
    planes stand in for these.
    """
    even: dict[Interval, NDArray[np.bool_]] = {}
    for window, depth in zip(windows, depths, strict=True):
        planes = window.reshape(*window.shape[:2], -1)
        alike = (planes == planes[..., :1]).all(axis=-1)
        even[depth] = even.get(depth, True) & alike
    found = np.concatenate([*even.values()], axis=1)
    void = found.all(axis=1, keepdims=True)
    if void.all() or not (found & ~void).any():
        return windows
    kept = {depth: ~(each | void).all(axis=0) for depth, each in even.items()}
    pairs = zip(windows, depths, strict=True)
    left = [
        (window[:, kept[depth]], (even[depth] & ~void)[:, kept[depth]])
        for window, depth in pairs
        if kept[depth].any()
    ]
    return _filled(*zip(*left, strict=True))


def _filled(
    windows: Sequence[NDArray[np.generic]], even: Sequence[NDArray[np.bool_]]
) -> list[NDArray[np.generic]]:
    """Put planes from all over a channel in the place of its even ones, ``even`` of ``(C, Z)``."""
    filled = [np.array(window) for window in windows]
    places = [(number, plane) for number, each in enumerate(even) for plane in range(each.shape[1])]
    for channel in range(len(filled[0])):
        gaps = [at for at in places if even[at[0]][channel, at[1]]]
        others = [at for at in places if not even[at[0]][channel, at[1]]]
        for index, (number, plane) in enumerate(gaps):
            source, other = others[index * len(others) // len(gaps)]
            filled[number][channel, plane] = windows[source][channel, other]
    return filled


def sample_windows(
    shape: Sequence[int], most: int = WINDOWS, pixels: int = WINDOW_PIXELS
) -> list[Region]:
    """Return the windows that stand for an image: all of it, or evenly spaced ones.

    Parameters
    ----------
    shape
        Size of the image along each axis.
    most, pixels
        How many windows there are at most, and of about how many pixels; an image that has no more
        pixels than all of them is one window.
    """
    if math.prod(shape) <= most * pixels:
        return [tuple((0, size) for size in shape)]
    edge = round(pixels ** (1 / len(shape)))
    counts = [1] * len(shape)
    while True:
        widest = max(range(len(shape)), key=lambda axis: shape[axis] / counts[axis])
        counts[widest] += 1
        if math.prod(counts) > most:
            counts[widest] -= 1
            break
    axes = [_spaced(*axis, edge) for axis in zip(shape, counts, strict=True)]
    return list(itertools.product(*axes))


def _spaced(size: int, count: int, edge: int) -> list[Interval]:
    """Cut an axis's windows: the first and last at its ends, a single one in the middle."""
    edge = min(edge, size)
    room = size - edge
    starts = [room * index // (count - 1) for index in range(count)] if count > 1 else [room // 2]
    return [(start, start + edge) for start in starts]
