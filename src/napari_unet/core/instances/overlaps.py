"""The one table of overlaps: how many pixels labels of two images share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from napari_unet.core.instances.labels import compact_labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.integer[Any]]
    Longs = NDArray[np.int64]


@dataclass(frozen=True)
class Overlaps:
    """How many pixels labels of two images share; tables of disjoint blocks are added with ``+``.

    Parameters
    ----------
    first, second
        Labels of the one image and of the other, int64 ``(n,)``, each pair once and in order;
        0 stands for no object, and is never on both sides.
    shared
        Number of pixels, int64 ``(n,)``.
    """

    first: Longs
    second: Longs
    shared: Longs

    def __add__(self, other: Overlaps) -> Overlaps:
        return _summed(
            np.concatenate([self.first, other.first]),
            np.concatenate([self.second, other.second]),
            np.concatenate([self.shared, other.shared]),
        )

    def sizes(self) -> tuple[Longs, Longs]:
        """Return the pixels of each row's first and second object, int64 ``(n,)`` both.

        Right only for a table of two whole images, and where there is an object.
        """
        return _sizes(self.first, self.shared), _sizes(self.second, self.shared)

    def iou(self) -> NDArray[np.float64]:
        """Return each row's intersection over union, float64 ``(n,)``, 0 for no object.

        Right only for a table of two whole images.
        """
        one, other = self.sizes()
        ratio = self.shared / (one + other - self.shared)
        return np.where((self.first != 0) & (self.second != 0), ratio, 0.0)


def overlap_table(first: Integers, second: Integers) -> Overlaps:
    """Count the pixels of every pair of labels at the same place.

    Parameters
    ----------
    first, second
        Labels of one shape, integer, 0 = no object.
    """
    first, second = np.ravel(first), np.ravel(second)
    # objects are a few runs per line of the image: far fewer to sort than pixels
    starts, lengths = run_lengths(first, second)
    return _summed(first[starts], second[starts], lengths)


def class_of_each(instances: Integers, semantic: Integers) -> dict[int, int]:
    """Return the class that most pixels of each object have, background left aside.

    Parameters
    ----------
    instances, semantic
        Objects and classes of one shape, integer, 0 = none.

    Returns
    -------
    Number of an object, ascending, to number of its class, the lower of two as frequent; 1 for an
    object all of whose pixels are background.
    """
    table = overlap_table(instances, semantic)
    own = np.flatnonzero(table.first)
    number, kind = table.first[own], table.second[own]
    shared = np.where(kind > 0, table.shared[own], 0)
    order = np.lexsort((-kind, shared, number))
    return dict(zip(number[order].tolist(), kind[order].clip(1).tolist(), strict=True))


def run_lengths(*lines: Integers) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where runs of pixels begin in which no line changes, and how long they are.

    Parameters
    ----------
    lines
        Of one length, integer ``(n,)``.

    Returns
    -------
    Integer ``(runs,)`` both.
    """
    size = lines[0].size
    change = np.zeros(size, bool)
    change[:1] = True
    for line in lines:
        change[1:] |= line[1:] != line[:-1]
    starts = np.flatnonzero(change)
    return starts, np.diff(starts, append=size)


def _summed(first: Integers, second: Integers, shared: Integers) -> Overlaps:
    """Make a table with each pair once."""
    there = (first != 0) | (second != 0)
    (rows, row), (columns, column) = compact_labels(first[there]), compact_labels(second[there])
    shape, shared = (len(rows), len(columns)), shared[there]
    if shape[0] * shape[1] <= 4 * len(row):  # nearly all pairs are there: a full table is quicker
        counts = np.bincount(row * shape[1] + column, shared, shape[0] * shape[1])
        pairs = np.flatnonzero(counts)
        row, column = np.divmod(pairs, shape[1])
        return Overlaps(rows[row], columns[column], counts[pairs].astype(np.int64))
    table = scipy.sparse.coo_array((shared.astype(np.int64), (row, column)), shape)
    table = table.tocsr().tocoo()
    return Overlaps(rows[table.row], columns[table.col], table.data)


def _sizes(labels: Longs, shared: Longs) -> Longs:
    which = compact_labels(labels)[1]
    return np.asarray(np.bincount(which, shared)[which], np.int64)
