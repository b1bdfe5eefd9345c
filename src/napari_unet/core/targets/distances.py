"""How far each pixel is from the nearest and the second nearest object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Shifts = list[tuple[int, np.float32]]
    Search = Callable[[list[Array], Shifts], list[Array]]


CACHED = 32768
"""Pixels whose intermediate results fit a processor core's cache."""


def nearest_objects(
    labels: NDArray[np.integer], sampling: tuple[float, ...], reach: float
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Measure each pixel's distances to the nearest and to the second nearest different object.

    One Euclidean distance transform gives the nearest object. For the second, one axis after the
    other, each pixel looks along its line for the two nearest different objects that the pixels
    there know of. Two are enough: were a pixel's second nearest object only the third of
    another pixel of its line, then the first two of that one would be nearer to both. The cost
    grows with the number of pixels and with the reach, not with the number of objects.

    Parameters
    ----------
    labels
        Instance labels, non-negative integers, of at least one axis.
    sampling
        Size of a pixel along each axis.
    reach
        How far to look for the second nearest object, in the unit of sampling.

    Returns
    -------
    The two distances, float64 and float32, infinite where there is no such object. The second
    is exact where it is at most `reach`, and otherwise may be too large.
    """
    if not labels.any():
        return np.full(labels.shape, np.inf), np.full(labels.shape, np.inf, np.float32)
    # the search is bound by memory: narrow labels are half of what it moves
    labels = labels.astype(np.min_scalar_type(labels.max()), copy=False)
    d1, indices = scipy.ndimage.distance_transform_edt(
        labels == 0, sampling=sampling, return_indices=True
    )
    nearest = labels[tuple(indices)]
    far = np.where(labels > 0, np.float32(0), np.float32(np.inf))
    found = [far, labels, np.full_like(far, np.inf), np.zeros_like(labels)]
    for axis in range(labels.ndim - 1):
        found = _along(axis, _two_nearest, found, sampling[axis], reach)
    (d2,) = _along(labels.ndim - 1, _nearest_other, [*found, nearest], sampling[-1], reach)
    return d1, d2


def _along(
    axis: int, search: Search, arrays: list[Array], step: float, reach: float
) -> list[Array]:
    """Run a search along the lines of one axis, as many lines at once as the cache holds."""
    length, *others = np.moveaxis(arrays[0], axis, 0).shape
    columns = [np.moveaxis(array, axis, 0).reshape(length, -1) for array in arrays]
    shifts = [
        (shift, np.float32((shift * step) ** 2))
        for shift in range(1, min(length - 1, int(reach / step)) + 1)
    ]
    width = max(1, CACHED // length)
    parts = [
        search([np.ascontiguousarray(array[:, start : start + width]) for array in columns], shifts)
        for start in range(0, columns[0].shape[1], width)
    ]
    return [
        np.moveaxis(np.concatenate(part, axis=1).reshape(length, *others), 0, axis)
        for part in zip(*parts, strict=True)
    ]


def _two_nearest(arrays: list[Array], shifts: Shifts) -> list[Array]:
    """Find the squared distances and labels of the two nearest objects along axis 0."""
    first, who_first, second, who_second = result = [array.copy() for array in arrays]
    layers = [layer for layer in (arrays[:2], arrays[2:]) if np.isfinite(layer[0]).any()]
    for here, there, squared in _moves(shifts):
        f, wf, s, ws = first[here], who_first[here], second[here], who_second[here]
        for far, who in layers:
            new, label = far[there] + squared, who[there]
            other = label != wf
            closer = new < f
            ahead = closer & other
            behind = (new < s) & other & ~closer
            np.copyto(s, f, where=ahead)
            np.copyto(ws, wf, where=ahead)
            np.copyto(s, new, where=behind)
            np.copyto(ws, label, where=behind)
            np.copyto(f, new, where=closer)
            np.copyto(wf, label, where=closer)
    return result


def _nearest_other(arrays: list[Array], shifts: Shifts) -> list[Array]:
    """Find the distance to the nearest object other than `nearest` along axis 0."""
    first, who_first, second, _, nearest = arrays
    best = np.where(who_first == nearest, second, first)
    for here, there, squared in _moves(shifts):
        new = np.where(who_first[there] == nearest[here], second[there], first[there])
        new += squared
        np.minimum(best[here], new, out=best[here])
    return [np.sqrt(best)]


def _moves(shifts: Shifts) -> Iterator[tuple[slice, slice, np.float32]]:
    """Yield where to, where from and how far squared for each shift, both ways."""
    for shift, squared in shifts:
        yield slice(shift, None), slice(None, -shift), squared
        yield slice(None, -shift), slice(shift, None), squared
