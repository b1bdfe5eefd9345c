"""Where tiles lie: planned one axis at a time, then combined.

Every position is in pixels of the image; windows may lie partly outside, where the image is
reflected (overlap-tile, Ronneberger et al. 2015).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Interval = tuple[int, int]
Region = tuple[Interval, ...]
"""Start and stop per axis."""


def cut(size: int, parts: int, stride: int) -> list[Interval]:
    """Cut an axis into nearly equal parts that begin at multiples of the stride.

    Parameters
    ----------
    size
        Number of pixels.
    parts
        Wanted number of parts; there may be fewer, never more.
    stride
        What every start is a multiple of.
    """
    units = -(-size // stride)
    length = -(-units // parts) * stride
    return [(start, min(start + length, size)) for start in range(0, size, length)]


def plan(
    shape: Sequence[int],
    strides: Sequence[int],
    fits: Callable[[Region], bool],
) -> list[Region]:
    """Choose the largest tiles that fit, and return the part that each one keeps.

    Parameters
    ----------
    shape
        Size of the image along each axis.
    strides
        What tiles begin at multiples of, per axis.
    fits
        Whether a tile that keeps this region may be used. A tile of one stride along every
        axis is used even where it does not fit.

    Returns
    -------
    Regions that cover the image without overlap, in scan order.
    """
    parts = [1] * len(shape)
    while True:
        axes = [cut(*axis) for axis in zip(shape, parts, strides, strict=True)]
        regions = [tuple(region) for region in product(*axes)]
        units = [
            -(-(axis[0][1] - axis[0][0]) // step) for axis, step in zip(axes, strides, strict=True)
        ]
        longest = max(range(len(shape)), key=units.__getitem__)
        if units[longest] == 1 or all(fits(region) for region in regions):
            return regions
        whole = -(-shape[longest] // strides[longest])
        parts[longest] = -(-whole // (units[longest] - 1))


def halve(region: Region, strides: Sequence[int]) -> list[Region]:
    """Cut a region in two along its longest axis, at a multiple of the stride.

    Returns
    -------
    Two regions, or the one that was given where it is too small to be cut.
    """
    lengths = [
        (stop - start) / stride for (start, stop), stride in zip(region, strides, strict=True)
    ]
    axis = max(range(len(region)), key=lengths.__getitem__)
    start, stop = region[axis]
    return [
        (*region[:axis], (start + low, start + high), *region[axis + 1 :])
        for low, high in cut(stop - start, 2, strides[axis])
    ]


def read_window(image: Any, window: Region) -> NDArray[Any]:
    """Read a window of an image, reflected where it reaches outside (numpy's mode ``reflect``).

    Parameters
    ----------
    image
        numpy, dask or zarr array ``(C, *spatial)``; only the part inside is read.
    window
        Start and stop per spatial axis; may be negative or beyond the end.
    """
    sources = [
        reflected(np.arange(start, stop), size)
        for (start, stop), size in zip(window, image.shape[1:], strict=True)
    ]
    inside = tuple(slice(int(source.min()), int(source.max()) + 1) for source in sources)
    part = np.asarray(image[(slice(None), *inside)])
    for axis, (source, (start, stop), read) in enumerate(
        zip(sources, window, inside, strict=True), start=1
    ):
        if (read.start, read.stop) != (start, stop):
            part = np.take(part, source - read.start, axis=axis)
    return part


def reflected(positions: NDArray[np.integer], size: int) -> NDArray[np.integer]:
    """Fold positions outside an axis back into it as numpy's mode ``reflect`` does.

    The edge pixel is the mirror and stands there once, unlike in ``symmetric``.

    Parameters
    ----------
    positions
        Integer, of any shape; 0 is the first pixel.
    size
        Number of pixels of the axis.

    Returns
    -------
    Integer, of the same shape, from 0 to ``size - 1``.
    """
    if size == 1:
        return np.zeros_like(positions)
    period = 2 * (size - 1)
    folded: NDArray[np.integer] = np.abs(positions) % period
    back = folded > size - 1
    folded[back] = period - folded[back]
    return folded
