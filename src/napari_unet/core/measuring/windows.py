"""An image in windows, each with whole objects, so that none is put together from pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Self

import numpy as np

from napari_unet.core.instances.boxes import object_boxes
from napari_unet.core.instances.labels import check_labels, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.image.planes import Planes
    from napari_unet.core.image.tiles import Region

PIXELS = 2**22
"""Of a block; what is computed at once takes about 60 bytes for each."""
LARGEST = 2**26
"""Pixels of a window for several objects that are larger than a block."""
MARGIN = 9
"""Pixels around the objects of a window: twice as far as a ring reaches, and one."""


@dataclass(frozen=True)
class Boxes:
    """Where objects lie.

    Parameters
    ----------
    labels
        int64 ``(n,)``, ascending.
    low, high
        int64 ``(n, ndim)``: first pixel, and the one after the last, along each axis.
    """

    labels: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, which: NDArray[np.integer] | NDArray[np.bool_]) -> Self:
        return type(self)(self.labels[which], self.low[which], self.high[which])


def side_of(ndim: int) -> int:
    """Return how many pixels a block is long along each axis."""
    return max(1, int(np.rint(PIXELS ** (1 / ndim))))


def blocks(spatial: tuple[int, ...]) -> list[Region]:
    """Cut a plane or volume into blocks, in order."""
    side = side_of(len(spatial))
    cuts = [[(at, min(at + side, size)) for at in range(0, size, side)] for size in spatial]
    return list(product(*cuts))


def boxes_in(planes: Planes, index: int, block: Region) -> Boxes:
    """Find the objects of a block, as far as they lie in it.

    Parameters
    ----------
    planes
        Labels, integer.
    index
        Number of the plane.
    block
        Start and stop per axis.

    Raises
    ------
    UserError
        For labels that are no whole numbers of at least 0.
    """
    part = whole(planes.window(index, block)[0])
    check_labels(part, "The label image")
    found = object_boxes(part)
    corners = np.array(
        [[(cut.start, cut.stop) for cut in each] for each in found.values()], np.int64
    )
    corners = corners.reshape(-1, part.ndim, 2) + np.array([start for start, _ in block])[:, None]
    return Boxes(np.array(list(found), np.int64), corners[..., 0], corners[..., 1])


def joined(parts: list[Boxes], ndim: int) -> Boxes:
    """Join what was found of objects in several blocks."""
    labels = np.concatenate([part.labels for part in parts] or [np.zeros(0, np.int64)])
    labels, which = np.unique(labels, return_inverse=True)
    low = np.full((len(labels), ndim), np.iinfo(np.int64).max)
    high = np.zeros((len(labels), ndim), np.int64)
    np.minimum.at(low, which, np.concatenate([part.low for part in parts]))
    np.maximum.at(high, which, np.concatenate([part.high for part in parts]))
    return Boxes(labels, low, high)


def groups(boxes: Boxes) -> list[NDArray[np.intp]]:
    """Share objects out to windows: those of about a size that begin in one block of that size.

    Of objects that are larger than a block, each is alone where a window for all would be larger
    than theirs together, or than `LARGEST`.

    Returns
    -------
    Which of the boxes, integer ``(objects of the window,)`` each.
    """
    if not len(boxes):
        return []
    side = side_of(boxes.low.shape[1])
    extent = (boxes.high - boxes.low).max(axis=1)
    level = np.ceil(np.log2((extent / side).clip(1))).astype(np.int64)
    place = np.column_stack([level, boxes.low // (side * 2**level)[:, None]])
    order = np.lexsort(place.T[::-1])
    cuts = np.flatnonzero((np.diff(place[order], axis=0) != 0).any(axis=1)) + 1
    found = []
    for group in np.split(order, cuts):
        own = boxes[group]
        whole = np.prod(own.high.max(axis=0) - own.low.min(axis=0))
        apart = np.prod(own.high - own.low, axis=1).sum()
        alone = level[group[0]] > 0 and whole > min(apart, LARGEST)
        found += np.split(group, len(group)) if alone else [group]
    return found


@dataclass(frozen=True)
class Window:
    """A part of a plane or volume with all of some objects, and a margin around them.

    Parameters
    ----------
    objects
        int32 ``(*window)``: 0 = none, else which object of the plane, numbered from 1 in the order
        of the labels; 0 beyond the image.
    mine
        int32: for each number in `objects` which of the window's own objects it is, or -1.
    boxes
        Where these lie, in pixels of the window.
    region
        The part of the image that is in the window, start and stop per axis.
    inside
        Where it lies in the window.
    """

    objects: NDArray[np.int32]
    mine: NDArray[np.int32]
    boxes: Boxes
    region: Region
    inside: tuple[slice, ...]

    @classmethod
    def read(cls, planes: Planes, index: int, boxes: Boxes, group: NDArray[np.intp]) -> Self:
        """Read the labels around some objects.

        Parameters
        ----------
        planes
            Labels, integer.
        index
            Number of the plane.
        boxes
            All objects of the plane.
        group
            Which of them are the window's own, integer ``(n,)``.
        """
        own = boxes[group]
        start, stop = own.low.min(axis=0) - MARGIN, own.high.max(axis=0) + MARGIN
        low, high = np.maximum(start, 0), np.minimum(stop, planes.spatial)
        region = tuple(zip(low.tolist(), high.tolist(), strict=True))
        inside = tuple(
            slice(first, last) for first, last in zip(low - start, high - start, strict=True)
        )
        objects = np.zeros(tuple(stop - start), np.int32)
        objects[inside] = _numbered(whole(planes.window(index, region)[0]), boxes.labels)
        mine = np.full(len(boxes) + 1, -1, np.int32)
        mine[group + 1] = np.arange(len(group))
        own = Boxes(own.labels, own.low - start, own.high - start)
        return cls(objects, mine, own, region, inside)

    def values(self, planes: Planes, index: int) -> Iterator[NDArray[np.generic]]:
        """Read the same part of another array; yield its channels, ``(*region)`` each."""
        yield from planes.window(index, self.region)


def _numbered(labels: NDArray[np.integer], known: NDArray[np.int64]) -> NDArray[np.integer]:
    """Return which of the known labels, from 1, each pixel has; 0 stays 0."""
    most = int(known[-1])
    if most == len(known):
        return labels
    if most > labels.size + len(known):
        return np.where(labels > 0, np.searchsorted(known, labels) + 1, 0)
    table = np.zeros(most + 1, np.int32)
    table[known] = np.arange(1, len(known) + 1)
    return np.asarray(table[labels])
