"""From the fragments of all blocks to objects, in memory of the fragments and not the pixels."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_unet.core.decoding.basins import (
    Contacts,
    highest_per_pair,
    join_basins,
    number_objects,
    qualified,
    ranked,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_unet.core.config import DecodeConfig
    from napari_unet.core.decoding.fragments import BlockFragments
    from napari_unet.core.image.grid import Grid

    Longs = NDArray[np.int64]


_KEPT = 64
"""Records that stay in memory while their neighbours are looked at."""


class FragmentLabels(NamedTuple):
    """Which object each fragment of each block belongs to.

    Parameters
    ----------
    number
        Int64, the object's number from 1, or 0, of one block's fragments after the other's.
    offset
        Int64, where each block begins in it, and its length at the end.
    objects
        How many objects there are.
    """

    number: Longs
    offset: Longs
    objects: int

    def of(self, block: int) -> Longs:
        """Return the table from a block's fragment image to objects, int64; 0 stays 0."""
        start, stop = self.offset[block : block + 2]
        return np.append(np.int64(0), self.number[start:stop])


def join_fragments(
    read: Callable[[int], BlockFragments], grid: Grid, config: DecodeConfig
) -> FragmentLabels:
    """Find which fragments are one object, and number the objects.

    Parameters
    ----------
    read
        Gives the record of a block; each is read a few times.
    grid
        The blocks.
    config
        Split strength and smallest size.

    Returns
    -------
    The numbers that `instances_from_height` gives for the whole image.
    """
    counts = [len(read(block).terminal) for block in range(len(grid))]
    offset = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    if not offset[-1]:
        return FragmentLabels(np.zeros(0, np.int64), offset, 0)
    whole = _Seams(read, grid, offset).together()
    basin, summits = _basins(whole)
    contact = Contacts(whole.order, basin[whole.one], basin[whole.other], whole.saddle)
    joined = join_basins(qualified(ranked(contact), summits, config.split), summits, config.split)
    size, first = _sizes(basin, whole, len(summits))
    number = number_objects(joined, size, first, config.min_size)
    return FragmentLabels(number.take(basin), offset, int(number.max(initial=0)))


class _Seams:
    """Puts the blocks' records together, with fragments numbered through all blocks."""

    def __init__(self, read: Callable[[int], BlockFragments], grid: Grid, offset: Longs) -> None:
        self._grid, self._offset = grid, offset
        self._read = lru_cache(_KEPT)(read)

    def together(self) -> BlockFragments:
        """Return one record in which nothing leads outside; it has no shell."""
        blocks = [self._sewn(block) for block in range(len(self._grid))]
        return type(blocks[0])(*map(np.concatenate, zip(*blocks, strict=True)))

    def _sewn(self, block: int) -> BlockFragments:
        record, start = self._read(block), self._offset[block]
        terminal = record.terminal.copy()
        exits = np.isnan(record.summit)
        terminal[exits] = -1 - self._fragments_at(terminal[exits])
        other = record.other + start
        outside = record.other < 0
        other[outside] = self._fragments_at(-1 - record.other[outside])
        contact = highest_per_pair(Contacts(record.order, record.one + start, other, record.saddle))
        nothing = np.zeros(0, np.int64)
        return record._replace(
            terminal=terminal,
            shell=nothing,
            shell_fragment=nothing,
            order=contact.place.astype(np.int64),
            one=contact.one.astype(np.int64),
            other=contact.other.astype(np.int64),
            saddle=contact.saddle,
        )

    def _fragments_at(self, places: Longs) -> Longs:
        """Return the fragments of pixels that lie at the border of other blocks."""
        fragments = np.zeros(len(places), np.int64)
        owners = self._grid.owners(places)
        for block in np.unique(owners).tolist():
            record, there = self._read(block), owners == block
            at = np.searchsorted(record.shell, places[there])
            fragments[there] = record.shell_fragment[at] + self._offset[block]
        return fragments


def _basins(whole: BlockFragments) -> tuple[Longs, NDArray[np.float32]]:
    """Give each fragment its basin, from 1 in the summits' scan order, and the summits' heights."""
    ends = np.isfinite(whole.summit)
    root = np.where(ends, np.arange(len(ends)), -1 - whole.terminal)
    while ((further := root.take(root)) != root).any():
        root = further
    tops = np.flatnonzero(ends)
    tops = tops[np.argsort(whole.terminal[tops])]
    number = np.zeros(len(ends), np.int64)
    number[tops] = np.arange(1, len(tops) + 1)
    return number.take(root), np.append(np.float32(-np.inf), whole.summit[tops])


def _sizes(basin: Longs, whole: BlockFragments, count: int) -> tuple[Longs, Longs]:
    size, first = np.zeros(count, np.int64), np.full(count, np.iinfo(np.int64).max)
    np.add.at(size, basin, whole.size)
    np.minimum.at(first, basin, whole.first)
    return size, first
