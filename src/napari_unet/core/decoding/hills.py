"""Smoothed height and the way uphill from each pixel, worked out block by block."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.progress import stop_point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Block = tuple[slice, ...]
    Floats = NDArray[np.float32]


RADIUS = 3
"""Reach of the Gaussian of sigma 1 px."""
_BELL = [math.exp(-0.5 * reach * reach) for reach in range(RADIUS + 1)]
KERNEL = np.array(_BELL, np.float32) / np.float32(2 * sum(_BELL) - _BELL[0])
"""Its values from the middle outwards; both sides together sum to 1."""
BLOCK_PIXELS = 2**16
"""Pixels of a block that stays in a core's cache."""


def blocks_of(shape: tuple[int, ...], block: int | Sequence[int] | None) -> list[Block]:
    """Cut a shape into blocks, the last along each axis smaller where it does not fit.

    Parameters
    ----------
    shape
        Size along each axis.
    block
        Edge of a block, one for all axes or one per axis; None for blocks that stay in the cache.

    Raises
    ------
    UserError
        If the edges are not as many as the axes, or below 1.
    """
    ndim = len(shape)
    edge = round(BLOCK_PIXELS ** (1 / ndim)) if block is None else block
    edges = [edge] * ndim if isinstance(edge, int) else list(edge)
    if len(edges) != ndim or min(edges) < 1:
        raise UserError(f"block must be one whole number of at least 1, or {ndim} of them.")
    cuts = [
        [slice(start, min(start + step, size)) for start in range(0, size, step)]
        for size, step in zip(shape, edges, strict=True)
    ]
    return list(itertools.product(*cuts))


def _grown(block: Block, before: int, after: int) -> Block:
    return tuple(slice(cut.start - before, cut.stop + after) for cut in block)


def smoothed_hills(height: Floats, foreground: NDArray[np.bool_], blocks: list[Block]) -> Floats:
    """Smooth the height with a Gaussian of sigma 1 px.

    Beyond its edge the image goes on as in numpy's mode ``symmetric``.

    Parameters
    ----------
    height, foreground
        ``(*spatial)``.
    blocks
        From `blocks_of`; the result does not depend on them.

    Returns
    -------
    float32, one pixel larger on every side; minus infinity there and off the foreground.
    """
    source = np.pad(height.astype(np.float32, copy=False), RADIUS, mode="symmetric")
    # lower than all, so that no way uphill leads off the foreground or the image
    hills = np.full([size + 2 for size in height.shape], -np.inf, np.float32)
    for block in blocks:
        stop_point()
        inside = foreground[block]
        if inside.any():
            hill = source[_grown(block, 0, 2 * RADIUS)]
            for axis in range(hill.ndim):
                hill = smooth(hill, axis)
            np.copyto(hills[_grown(block, -1, 1)], hill, where=inside)
    return hills


def smooth(values: Floats, axis: int) -> Floats:
    """Convolve along one axis with the Gaussian of `smoothed_hills`.

    Parameters
    ----------
    values
        float32, of any shape.
    axis
        Along which to smooth.

    Returns
    -------
    float32, 2 `RADIUS` shorter along the axis.
    """
    # in one order of additions: float sums differ in the last bit otherwise, and with them ties
    values = np.moveaxis(values, axis, 0)
    size = len(values) - 2 * RADIUS
    total = values[RADIUS : RADIUS + size] * KERNEL[0]
    for reach in range(1, RADIUS + 1):
        near, far = RADIUS - reach, RADIUS + reach
        both = values[near : near + size] + values[far : far + size]
        both *= KERNEL[reach]
        total += both
    return np.moveaxis(total, 0, axis)


def follow_uphill(hills: Floats, pixels: NDArray[np.intp], blocks: list[Block]) -> NDArray[np.intp]:
    """Follow each foreground pixel's pointers to its summit.

    Parameters
    ----------
    hills
        From `smoothed_hills`, float32 ``(*spatial)`` in its frame.
    pixels
        Flat indices of the foreground in ``hills``, integer ``(n,)``, ascending.
    blocks
        From `blocks_of`; the result does not depend on them.

    Returns
    -------
    Integer ``(n,)``, the summit's flat index for each of ``pixels``.
    """
    root = np.zeros(hills.shape, np.intp)
    for block in blocks:
        stop_point()
        window = _grown(block, 0, 2)
        place = _flat_indices(window, hills.shape).ravel()
        root[_grown(block, -1, 1)] = place.take(ends_in_block(hills[window]))
    flat = root.ravel()
    moving = pixels
    # each round doubles the ways, so the rounds grow with the logarithm of the longest only
    while moving.size:
        stop_point()
        here = flat.take(moving)
        there = flat.take(here)
        moved = there != here
        moving = moving[moved]
        flat[moving] = there[moved]
    return flat.take(pixels)


def ends_in_block(values: Floats) -> NDArray[np.intp]:
    """Follow the pointers of a block to a summit or to the first pixel outside.

    Parameters
    ----------
    values
        Smoothed height of the block and a ring of one pixel, float32 ``(*spatial)``, minus
        infinity off the foreground.

    Returns
    -------
    Integer, of the shape of the block without its ring: the flat index in ``values`` where each
    pixel's way uphill ends; off the foreground the pixel itself.
    """
    inner = (slice(1, -1),) * values.ndim
    start = np.arange(values.size).reshape(values.shape)
    start[inner] += np.where(values[inner] > -np.inf, _uphill(values), 0)
    pointer = start.ravel()
    while ((further := pointer.take(pointer)) != pointer).any():
        pointer = further
    return pointer.reshape(values.shape)[inner]


def strides_of(shape: tuple[int, ...]) -> list[int]:
    """Return the flat step of one pixel along each axis."""
    return [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]


def _flat_indices(window: Block, shape: tuple[int, ...]) -> NDArray[np.intp]:
    place = np.zeros((1,) * len(shape), np.intp)
    for axis, step in zip(np.ogrid[window], strides_of(shape), strict=True):
        place = place + axis * step
    return place


def _uphill(values: Floats) -> NDArray[np.int32]:
    """Return the flat step from each inner pixel to the highest of its 3^n neighbourhood.

    One axis after the other, the last first, and the first of equals: that is the neighbour
    which comes first in scan order.
    """
    step = np.zeros(values.shape, np.int32)
    strides = strides_of(values.shape)
    for axis in reversed(range(values.ndim)):
        values, step = np.moveaxis(values, axis, 0), np.moveaxis(step, axis, 0)
        best, best_step = values[:-2].copy(), step[:-2] - np.int32(strides[axis])
        for shift in (1, 2):
            stop = len(values) - 2 + shift
            higher = values[shift:stop] > best
            np.copyto(
                best_step, step[shift:stop] + np.int32((shift - 1) * strides[axis]), where=higher
            )
            np.maximum(best, values[shift:stop], out=best)
        values, step = np.moveaxis(best, 0, axis), np.moveaxis(best_step, 0, axis)
    return step
