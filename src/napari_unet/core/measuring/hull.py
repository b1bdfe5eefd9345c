"""How much of its convex hull an object fills, counted in pixels as scikit-image does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import ConvexHull, QhullError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.measuring.pixels import Pixels

    Floats = NDArray[np.float64]
    Ints = NDArray[np.integer]

_CLOSE = 1e-9
"""Pixels; what lies no further outside a hull is on it."""
_MIDDLES = np.concatenate([-np.eye(3), np.eye(3)]) / 2
"""Where the middles of a voxel's sides lie, from its centre."""


def solidity(pixels: Pixels) -> Floats:
    """Return the share of the pixels of each object's convex hull that the object has.

    The hull is that around the middles of the pixels' sides, and has the pixels whose centre lies
    in it. All objects of a plane are worked on at once; hulls in space are made one by one.

    Parameters
    ----------
    pixels
        Of all objects of a window.

    Returns
    -------
    float64 ``(n,)``, more than 0 and at most 1.
    """
    line, first, last = pixels.runs.lines()
    if line.shape[1] == 2:
        return np.asarray(pixels.sums() / _in_planes(line, first, last, pixels.count))
    begin = np.searchsorted(line[:, 0], np.arange(pixels.count + 1))
    inside = [
        _in_space(line[part, 1:], first[part], last[part])
        for part in map(slice, begin[:-1], begin[1:])
    ]
    return np.asarray(pixels.sums() / np.array(inside, float))


def _in_planes(line: Ints, first: Ints, last: Ints, objects: int) -> Floats:
    """Count the pixels of convex hulls in planes; lengths are doubled, so that all are whole."""
    count = np.zeros(objects)
    for begins in (2 * first, -2 * last):
        number, row, at = _half_rows(line, begins)
        number, row, at = _convex(number, row, at)
        same = number[1:] == number[:-1]
        number, low, high = number[:-1][same], row[:-1][same], row[1:][same]
        near, far = at[:-1][same], at[1:][same]
        # the rows of pixels from the lower to before the higher end of each side of the hull
        start, rows = -(-low // 2), -(-high // 2) - -(-low // 2)
        side = np.repeat(np.arange(len(low)), rows)
        step = np.arange(len(side)) - np.repeat(np.cumsum(rows) - rows, rows)
        tall = (high - low)[side]
        along = 2 * (start[side] + step) - low[side]
        place = near[side] * tall + (far - near)[side] * along
        count -= np.bincount(number[side], -(-place // (2 * tall)), objects)
        if begins is not first:
            rows_of = np.bincount(number[side], minlength=objects)
    return count + rows_of


def _half_rows(line: Ints, begins: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the leftmost middle of a pixel's side in each half row, in order."""
    number, row = line[:, 0], 2 * line[:, 1]
    follows = (np.diff(row, prepend=-9) == 2) & (np.diff(number, prepend=-1) == 0)
    after = np.where(np.r_[follows[1:], False], np.minimum(begins, np.roll(begins, -1)), begins)
    table = np.stack([row - 1, row, row + 1], axis=1), np.stack([begins, begins - 1, after], axis=1)
    kept = np.stack([~follows, *2 * [np.ones(len(row), bool)]], axis=1)
    return np.repeat(number, kept.sum(axis=1)), table[0][kept], table[1][kept]


def _convex(number: Ints, row: Ints, at: Ints) -> tuple[Ints, Ints, Ints]:
    """Leave out points until what is left is convex; one above the line of two others goes."""
    while True:
        rise, run = np.diff(at), np.diff(row)
        turn = rise[1:] * run[:-1] > rise[:-1] * run[1:]
        kept = np.r_[True, turn | (number[2:] != number[:-2]), True]
        if kept.all():
            return number, row, at
        number, row, at = number[kept], row[kept], at[kept]


def _in_space(place: Ints, first: Ints, last: Ints) -> int:
    """Count the voxels of one convex hull, line by line along the last axis."""
    ends = np.concatenate([np.column_stack([place, first]), np.column_stack([place, last])])
    middles = (_corners(ends)[:, None] + _MIDDLES).reshape(-1, 3)
    sides = ConvexHull(middles).equations
    low = place.min(axis=0)
    lines = np.indices(tuple(place.max(axis=0) + 1 - low)).reshape(2, -1) + low[:, None]
    rest, slope = sides[:, :2] @ lines + sides[:, 3:], sides[:, 2]
    over, under, flat = slope > _CLOSE, slope < -_CLOSE, np.abs(slope) <= _CLOSE
    top = np.floor((rest[over] / -slope[over, None]).min(axis=0) + _CLOSE)
    bottom = np.ceil((rest[under] / -slope[under, None]).max(axis=0) - _CLOSE)
    met = (rest[flat] <= _CLOSE).all(axis=0)
    return int(((top - bottom + 1).clip(0) * met).sum())


def _corners(points: Ints) -> Ints:
    """Return the corners of the convex hull of points; all of them where they lie in a plane."""
    try:
        return np.asarray(points[ConvexHull(points).vertices])
    except QhullError:
        return points
