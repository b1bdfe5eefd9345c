"""Objects as runs of pixels down the columns of a plane, as COCO's masks are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_STRIP = 2**23
"""Pixels that are looked at in one go."""


@dataclass(frozen=True)
class Mask:
    """One object of a plane.

    Parameters
    ----------
    label
        Its number.
    pixels
        How many it has.
    box
        First column, first row, columns and rows of the smallest rectangle around it.
    counts
        Pixels outside and inside in turn, column after column, beginning outside and ending with
        the plane.
    """

    label: int
    pixels: int
    box: tuple[int, int, int, int]
    counts: list[int]


def masks(labels: NDArray[np.integer[Any]]) -> Iterator[Mask]:
    """Yield all objects of a plane in the order of their numbers.

    Parameters
    ----------
    labels
        Instance labels ``(y, x)``, non-negative integers, 0 = no object.
    """
    height, size = labels.shape[0], labels.size
    of, starts, lengths = _runs(labels)
    if not len(of):
        return
    firsts = np.flatnonzero(np.diff(of, prepend=-1))
    before = np.roll(starts + lengths, 1)
    before[firsts] = 0
    counts = np.stack([starts - before, lengths], axis=1).reshape(-1)
    rest = size - (starts + lengths)[np.append(firsts[1:], len(of)) - 1]
    pixels = np.add.reduceat(lengths, firsts)
    box = _boxes(starts, starts + lengths - 1, firsts, height)
    columns = (of[firsts], pixels, box, rest, firsts, np.append(firsts[1:], len(of)))
    for label, many, place, last, first, end in zip(*map(np.ndarray.tolist, columns), strict=True):
        yield Mask(label, many, tuple(place), [*counts[2 * first : 2 * end].tolist(), last])


def _runs(labels: NDArray[np.integer[Any]]) -> tuple[NDArray[np.int64], ...]:
    """Return the label, first pixel and length of each run, in the order of labels and pixels."""
    height, width = labels.shape
    columns = max(1, _STRIP // max(height, 1))
    last = -1
    found, starts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for left in range(0, width if height else 0, columns):
        strip = labels[:, left : left + columns].T.reshape(-1)
        change = np.empty(len(strip), bool)
        change[0] = int(strip[0]) != last
        np.not_equal(strip[1:], strip[:-1], out=change[1:])
        begins = np.flatnonzero(change)
        found.append(strip[begins].astype(np.int64))
        starts.append(begins + left * height)
        last = int(strip[-1])
    of, start = np.concatenate(found), np.concatenate(starts)
    length = np.diff(start, append=labels.size)
    there = np.flatnonzero(of)
    order = there[np.argsort(of[there], kind="stable")]
    return of[order], start[order], length[order]


def _boxes(
    first: NDArray[np.int64], last: NDArray[np.int64], firsts: NDArray[np.int64], height: int
) -> NDArray[np.int64]:
    """Return x, y, width and height of each object, whose runs begin at `firsts`."""
    left, top = np.divmod(first, height)
    right, bottom = np.divmod(last, height)
    through = left != right
    top[through], bottom[through] = 0, height - 1
    x, y = (np.minimum.reduceat(each, firsts) for each in (left, top))
    ends = (np.maximum.reduceat(each, firsts) + 1 for each in (right, bottom))
    return np.stack([x, y, *(end - begin for end, begin in zip(ends, (x, y), strict=True))], axis=1)
