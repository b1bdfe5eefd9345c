"""The one table of overlaps: how many pixels labels of two images share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.integer[Any]]


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

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    shared: NDArray[np.int64]

    def __add__(self, other: Overlaps) -> Overlaps:
        return _summed(
            np.concatenate([self.first, other.first]),
            np.concatenate([self.second, other.second]),
            np.concatenate([self.shared, other.shared]),
        )


def overlap_table(first: Integers, second: Integers) -> Overlaps:
    """Count the pixels of every pair of labels at the same place.

    Parameters
    ----------
    first, second
        Labels of one shape, 0 = no object, below 2**31.
    """
    first, second = np.ravel(first), np.ravel(second)
    starts, lengths = _runs(first, second)
    return _summed(first[starts], second[starts], lengths)


def _runs(*lines: Integers) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where runs of equal values begin, and how long they are."""
    size = lines[0].size
    change = np.zeros(size, bool)
    change[:1] = True
    for line in lines:
        change[1:] |= line[1:] != line[:-1]
    starts = np.flatnonzero(change)
    return starts, np.diff(starts, append=size)


def _summed(first: Integers, second: Integers, shared: Integers) -> Overlaps:
    """Make a table with each pair once."""
    there = (first > 0) | (second > 0)
    first, second = first[there].astype(np.int64), second[there].astype(np.int64)
    base = second.max(initial=0) + 1
    keys, which = np.unique(first * base + second, return_inverse=True)
    counts = np.bincount(which, shared[there], len(keys)).astype(np.int64)
    return Overlaps(keys // base, keys % base, counts)


def _sizes(labels: NDArray[np.int64], shared: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each row of a table the number of pixels of its label."""
    which = np.unique(labels, return_inverse=True)[1]
    return np.asarray(np.bincount(which, shared)[which], np.float64)
