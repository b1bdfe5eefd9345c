"""The pixels inside outlines of any shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def pixels_inside(
    lines: Sequence[NDArray[Any]], shape: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the pixels whose middles lie inside closed lines; where lines enclose lines is a hole.

    The outlines of `outlines` give their own pixels back. The time grows with the points and with
    the rectangle around them, and never with their product.

    Parameters
    ----------
    lines
        Points ``(n, 2)`` in turn, y and x, decimal or whole; pixel ``(y, x)`` is the square from
        ``(y, x)`` to ``(y + 1, x + 1)``. The last point leads to the first.
    shape
        Rows and columns of the plane; what lies outside of it is cut off.

    Returns
    -------
    y and x of each pixel, int64 ``(pixels,)`` both.
    """
    found = [_crossings(np.asarray(line, np.float64), shape) for line in lines]
    row, column = (np.concatenate(parts) for parts in zip(*found, strict=True))
    if not len(row):
        return row, column
    top, left = int(row.min()), int(column.min())
    height, width = int(row.max()) - top + 1, int(column.max()) - left + 1
    turns = np.bincount((row - top) * width + column - left, minlength=height * width)
    inside = np.cumsum(turns.reshape(height, width), axis=1) % 2 == 1
    y, x = np.nonzero(inside)
    return y + top, x + left


def _crossings(
    line: NDArray[np.float64], shape: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where a line crosses the middles of rows: the row, and the first pixel behind."""
    (y, x), (next_y, next_x) = line.T, np.roll(line, -1, axis=0).T
    rows, columns = shape
    upper, lower = np.minimum(y, next_y), np.maximum(y, next_y)
    first, end = (np.clip(np.ceil(each - 0.5), 0, rows).astype(np.int64) for each in (upper, lower))
    count = end - first
    edge = np.repeat(np.arange(len(line)), count)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    share = (row + 0.5 - y[edge]) / (next_y - y)[edge]
    across = x[edge] + share * (next_x - x)[edge]
    return row, np.clip(np.floor(across + 0.5), 0, columns).astype(np.int64)
