"""The pixels of all objects of a window as lists, which everything is counted from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.measuring.windows import Window

    Floats = NDArray[np.float64]
    Ints = NDArray[np.integer]

Offset = tuple[int, ...]


@dataclass(frozen=True)
class Pixels:
    """The pixels of a window's own objects, in the order of memory.

    Parameters
    ----------
    window
        The window.
    """

    window: Window

    @property
    def count(self) -> int:
        """Number of objects."""
        return len(self.window.boxes)

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """True where the window's own objects are, ``(*window)``."""
        return np.asarray((self.window.mine >= 0)[self.window.objects])

    @cached_property
    def inner_mask(self) -> NDArray[np.bool_]:
        """The same for the part of the image in the window, ``(*region)``."""
        return self.mask[self.window.inside]

    @cached_property
    def flat(self) -> NDArray[np.intp]:
        """Place of each pixel in the window, as in ``objects.ravel()``, ``(pixels,)``."""
        return np.flatnonzero(self.mask)

    @cached_property
    def label(self) -> NDArray[np.int32]:
        """Number of each pixel's object in the window, int32 ``(pixels,)``."""
        return self._objects[self.flat]

    @cached_property
    def number(self) -> NDArray[np.int32]:
        """Which of the window's own objects each pixel belongs to, int32 ``(pixels,)``."""
        return self.window.mine[self.label]

    @cached_property
    def _objects(self) -> NDArray[np.int32]:
        return self.window.objects.ravel()

    def sums(self, weights: Any = None) -> Any:
        """Add up, for each object, a number for each of its pixels; count them for None."""
        return np.bincount(self.number, weights, self.count)

    def step(self, offset: Offset) -> int:
        """Return how far apart two pixels lie in memory."""
        shape = self.window.objects.shape
        strides = np.cumprod((1, *shape[:0:-1]))[::-1]
        return int(np.dot(offset, strides))

    def beside(self, offset: Offset, which: Any = slice(None)) -> NDArray[np.int32]:
        """Return what lies beside pixels, as in `Window.objects`, int32 of the shape of `which`."""
        return np.asarray(self._objects[self.flat[which] + self.step(offset)])

    @cached_property
    def border(self) -> NDArray[np.intp]:
        """Which pixels have another neighbour at one of their sides, integer ``(pixels,)``."""
        inner = np.ones(len(self.flat), bool)
        for offset in faces(self.window.objects.ndim):
            inner &= self.beside(offset) == self.label
        return np.flatnonzero(~inner)

    @cached_property
    def runs(self) -> Runs:
        """The pixels as runs along the last axis."""
        new = np.ones(len(self.flat), bool)
        new[1:] = (np.diff(self.flat) != 1) | (np.diff(self.label) != 0)
        first = np.flatnonzero(new)
        number = self.number[first]
        places = np.unravel_index(self.flat[first], self.window.objects.shape)
        start = np.stack(places, axis=1) - self.window.boxes.low[number]
        return Runs(number, start, np.diff(first, append=len(new)))


@dataclass(frozen=True)
class Runs:
    """Pixels of one object that follow each other along the last axis.

    Parameters
    ----------
    number
        Which object, int32 ``(runs,)``.
    start
        The first pixel, counted from the corner of the object's box, int64 ``(runs, ndim)``.
    length
        Pixels, int64 ``(runs,)``.
    """

    number: NDArray[np.int32]
    start: NDArray[np.int64]
    length: NDArray[np.int64]

    def lines(self) -> tuple[Ints, Ints, Ints]:
        """Return each line along the last axis that an object has pixels in.

        Returns
        -------
        line
            Object, then the place along all axes but the last, ascending, integer
            ``(lines, ndim)``.
        first, last
            The outermost pixels along the last axis, integer ``(lines,)``.
        """
        table = np.column_stack([self.number, self.start[:, :-1]])
        order = np.lexsort(table.T[::-1])
        table, begin = table[order], self.start[order, -1]
        new = np.flatnonzero(np.r_[True, (table[1:] != table[:-1]).any(axis=1)])
        end = begin + self.length[order] - 1
        return table[new], np.minimum.reduceat(begin, new), np.maximum.reduceat(end, new)


def faces(ndim: int) -> list[Offset]:
    """Return the steps to the pixels that share a side with one: 4 in a plane, 6 in a volume."""
    return [offset for offset in around(ndim) if sum(map(abs, offset)) == 1]


def around(ndim: int) -> list[Offset]:
    """Return the steps to all pixels around one, in the order of memory: 8 or 26."""
    return [offset for offset in product((-1, 0, 1), repeat=ndim) if any(offset)]


def halves(ndim: int) -> list[Offset]:
    """Return those of `around` that lie after the pixel itself."""
    return [offset for offset in around(ndim) if offset > (0,) * ndim]
