"""Grey values of objects, and of a ring around each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.measuring.pixels import Pixels

    Columns = dict[str, NDArray[Any]]

PERCENTILES = (5, 50, 95)
GAP, WIDTH = 1, 3
"""Pixels between an object and its ring, which its blurred border fills, and width of the ring."""
_ALIKE = 1.25
"""Objects are of about the same size if one has at most so many times the pixels of another."""


def ring_around(pixels: Pixels, voxel: tuple[float, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Find the ring around each object: background near it that is nearer to it than to any other.

    What is as near to two objects is in no ring, so that numbers do not matter.

    Parameters
    ----------
    pixels
        Of all objects of a window.
    voxel
        Size of a pixel along each axis; along longer ones a ring has fewer pixels.

    Returns
    -------
    place
        Where the pixels of rings lie in the window, integer ``(pixels,)``.
    number
        Which object each belongs to, int32.
    """
    window = pixels.window
    objects = high = window.objects
    most = objects.max(initial=0) + 1
    low = np.where(objects > 0, most - objects, 0)
    rings = np.zeros_like(objects)
    for step in range(1, GAP + WIDTH + 1):
        before = high
        for axis in _axes_of(step, voxel):
            high, low = _grown(high, axis), _grown(low, axis)
        if step > GAP:  # what is reached now, by one object alone: the lowest is the highest
            np.copyto(rings, high, where=(before == 0) & (high + low == most))
    number = window.mine[rings.ravel()]
    place = np.flatnonzero((number >= 0) & _inside(pixels).ravel())
    return place, number[place]


def _axes_of(step: int, voxel: tuple[float, ...]) -> list[int]:
    """Return along which axes a ring grows in a step, so that it is as wide along all."""
    share = np.min(voxel) / np.array(voxel)
    return [
        axis
        for axis, part in enumerate(share)
        if int(step * part + 0.5) > int((step - 1) * part + 0.5)
    ]


def _grown(objects: NDArray[np.int32], axis: int) -> NDArray[np.int32]:
    """Return objects that are a pixel longer both ways; of two at one place the later has it."""
    source = np.moveaxis(objects, axis, 0)
    grown = np.empty_like(objects)
    target = np.moveaxis(grown, axis, 0)
    target[0] = source[0]
    np.maximum(source[1:], source[:-1], out=target[1:])
    np.maximum(target[:-1], source[1:], out=target[:-1])
    return grown


def _inside(pixels: Pixels) -> NDArray[np.bool_]:
    inside = np.zeros(pixels.window.objects.shape, bool)
    inside[pixels.window.inside] = True
    return inside


class Greys:
    """Measures any images of a window, its objects and their rings being found once.

    Parameters
    ----------
    pixels
        Of all objects of the window.
    voxel
        Size of a pixel along each axis.
    """

    def __init__(self, pixels: Pixels, voxel: tuple[float, ...]) -> None:
        self._pixels = pixels
        self._mask = pixels.inner_mask
        self._count = pixels.sums()
        self._start = np.cumsum(self._count) - self._count
        narrow = np.uint16 if pixels.count <= 2**16 else np.int32
        self._order = np.argsort(pixels.number.astype(narrow), kind="stable")
        place, self._ring = ring_around(pixels, voxel)
        around = np.zeros(pixels.window.objects.size, bool)
        around[place] = True
        self._around = around.reshape(pixels.window.objects.shape)[pixels.window.inside]

    def measured(self, image: NDArray[np.generic]) -> Columns:
        """Return mean, sum, standard deviation, percentiles and contrast of each object.

        Parameters
        ----------
        image
            One channel of the window, ``(*region)``, any real dtype.

        Returns
        -------
        Columns float64 ``(n,)``. The contrast is the mean less that of the ring, NaN without one.
        """
        values: Any = image[self._mask][self._order]
        columns = self._percentiles(values)
        values = values.astype(np.float64)
        total = np.add.reduceat(values, self._start)
        mean = total / self._count
        around = image[self._around].astype(np.float64)
        pixels = np.bincount(self._ring, minlength=self._pixels.count)
        ring = np.bincount(self._ring, around, self._pixels.count)
        ring = np.divide(ring, pixels, out=np.full(len(ring), np.nan), where=pixels > 0)
        values -= np.repeat(mean, self._count)
        std = np.sqrt(np.add.reduceat(values**2, self._start) / self._count)
        return {"mean": mean, "sum": total, "std": std, **columns, "contrast": mean - ring}

    def _percentiles(self, values: NDArray[Any]) -> Columns:
        """Sort the values of objects of about the same size at once, as rows of a table."""
        order = np.argsort(self._count, kind="stable")
        sizes = np.log(self._count[order]) / math.log(_ALIKE)
        cuts = np.flatnonzero(np.diff(np.floor(sizes))) + 1
        columns = {f"p{share}": np.empty(len(order)) for share in PERCENTILES}
        last = np.inf if values.dtype.kind == "f" else np.iinfo(values.dtype).max
        for some in np.split(order, cuts):
            place = np.arange(self._count[some[-1]])
            missing = place >= self._count[some, None]
            rows = values[np.where(missing, 0, self._start[some, None] + place)]
            rows[missing] = last
            rows.sort(axis=1, kind="stable")  # of 8 and 16 bits by counting
            for share in PERCENTILES:
                columns[f"p{share}"][some] = _at(rows, self._count[some], share)
        return columns


def _at(rows: NDArray[Any], count: NDArray[np.integer], share: int) -> NDArray[np.float64]:
    """Return a percentile of the first values of each sorted row, between two as numpy does."""
    at = (count - 1) * (share / 100)
    low = np.floor(at).astype(np.intp)
    row = np.arange(len(rows))
    first = rows[row, low].astype(np.float64)
    second = rows[row, np.minimum(low + 1, count - 1)].astype(np.float64)
    return np.asarray(first + (at - low) * (second - first))
