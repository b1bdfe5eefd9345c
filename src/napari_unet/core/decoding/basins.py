"""The graph of basins: where they meet, which are joined, how the joined ones are numbered."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_unet.core.decoding.hills import strides_of
from napari_unet.core.progress import stop_point

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Block = tuple[slice, ...]
    Floats = NDArray[np.float32]
    Ints = NDArray[np.integer]


class Contacts(NamedTuple):
    """Pairs of neighbouring pixels that lie in different basins, one entry per pair."""

    place: Ints
    """Grows with the pairs' scan order in the whole image."""
    one: Ints
    other: Ints
    saddle: Floats
    """The lower of the two pixels' heights."""


def contacts(
    hills: Floats, basins: NDArray[np.int32], summits: Floats, split: float, blocks: list[Block]
) -> Contacts:
    """Find where basins may be joined, the highest saddle first, ties in scan order.

    Parameters
    ----------
    hills, basins
        Height, float32 ``(*spatial)``, and basin number, int32 of the same shape, both in a frame
        of one pixel; 0 = no basin.
    summits
        Height of the summit by basin number, float32 ``(basins + 1,)``.
    split
        Pairs of basins whose lower summit rises this much above the contact are left out.
    blocks
        The blocks of the image inside the frame.
    """
    # sorted out block by block: of all contacts only few can join, and those must fit the memory
    found = [
        qualified(contact, summits, split)
        for block in blocks
        for contact in _in_block(hills, basins, block)
    ]
    return ranked(Contacts(*(np.concatenate(column) for column in zip(*found, strict=True))))


def ranked(contact: Contacts) -> Contacts:
    """Put contacts in the order of joining: the highest saddle first, ties in scan order."""
    return select(contact, np.lexsort((contact.place, -contact.saddle)))


def highest_per_pair(contact: Contacts) -> Contacts:
    """Keep the contact of each pair at which it would be joined, in the order of joining.

    The others change nothing: where that one does not join the two, none does.
    """
    contact = ranked(contact)
    pairs = np.stack([contact.one, contact.other])
    return select(contact, np.sort(np.unique(np.sort(pairs, 0), axis=1, return_index=True)[1]))


def _in_block(hills: Floats, basins: NDArray[np.int32], block: Block) -> Iterator[Contacts]:
    """Yield the contacts between a block's pixels and their neighbours further on in the scan."""
    stop_point()
    window = tuple(slice(cut.start, cut.stop + 2) for cut in block)
    number, height = basins[window].ravel(), hills[window].ravel()
    shape = tuple(cut.stop - cut.start + 2 for cut in block)
    inner = (slice(1, -1),) * len(shape)
    here = np.zeros(shape, bool)
    here[inner] = basins[window][inner] > 0
    pixels = np.flatnonzero(here)
    if not pixels.size:
        return
    own = number.take(pixels)
    for rank, step in enumerate(forward_steps(shape)):
        there = number.take(pixels + step)
        apart = np.flatnonzero((there != own) & (there > 0))
        first = pixels[apart]
        saddle = np.minimum(height.take(first), height.take(first + step))
        place = _whole_image_index(first, shape, block, hills.shape) * 3 ** len(shape) + rank
        yield Contacts(place, own[apart], there[apart], saddle)


def forward_steps(shape: tuple[int, ...]) -> list[int]:
    """Return the flat steps to the later half of the 3^n neighbourhood, in scan order."""
    strides = strides_of(shape)
    offsets = itertools.product((-1, 0, 1), repeat=len(shape))
    later = [offset for offset in offsets if offset > (0,) * len(shape)]
    return [sum(a * b for a, b in zip(offset, strides, strict=True)) for offset in later]


def _whole_image_index(
    pixels: Ints, shape: tuple[int, ...], block: Block, whole: tuple[int, ...]
) -> Ints:
    place = np.zeros_like(pixels)
    parts = zip(np.unravel_index(pixels, shape), block, strides_of(whole), strict=True)
    for index, cut, step in parts:
        place += (index + cut.start) * step
    return place


def select(contact: Contacts, which: NDArray[np.intp] | NDArray[np.bool_]) -> Contacts:
    """Return some of the contacts, by integer index or bool mask ``(contacts,)``."""
    return Contacts(
        contact.place[which], contact.one[which], contact.other[which], contact.saddle[which]
    )


def qualified(contact: Contacts, summits: Floats, split: float) -> Contacts:
    """Keep the contacts of different basins of which the lower rises less than the split.

    Even a split of 0 keeps a rise of 0: a plateau is one summit. The summits' heights are float32
    ``(basins + 1,)``, by basin number.
    """
    one, other = contact.one, contact.other
    rise = np.minimum(summits[one], summits[other]) - contact.saddle
    return select(contact, (one != other) & ((rise < split) | (rise == 0)))


def join_basins(contact: Contacts, summits: Floats, split: float) -> NDArray[np.intp]:
    """Join basins across their saddles, highest saddle first.

    Where two basins meet at a saddle, they become one if the lower summit rises less than the
    split above it. Doing this one saddle after the other gives the same as these rounds: in each,
    every basin whose highest saddle leads to a basin with a higher summit is joined to it. Its own
    summit decides there, whatever has been joined to the other before, and a saddle that parts
    its basins once parts them for good, since joined basins only grow higher.

    Parameters
    ----------
    contact
        Result of `contacts`, for the same split.
    summits
        Height of the summit by basin number, float32 ``(basins + 1,)``.
    split
        How far the lower summit must rise above the saddle to stay an object of its own.

    Returns
    -------
    Integer ``(basins + 1,)``, by basin number: the basin that it is now part of, the one with the
    highest summit.
    """
    joined = np.arange(len(summits))
    while contact.one.size:
        stop_point()
        into = _join_round(contact, summits)
        joined = into.take(joined)
        contact = contact._replace(one=into.take(contact.one), other=into.take(contact.other))
        contact = qualified(contact, summits, split)
    return joined


def _join_round(contact: Contacts, summits: Floats) -> NDArray[np.intp]:
    one, other = contact.one, contact.other
    swap = (summits[one] > summits[other]) | ((summits[one] == summits[other]) & (one < other))
    lower, upper = np.where(swap, other, one), np.where(swap, one, other)
    rank = np.arange(len(lower))
    best = np.full(len(summits), len(rank))
    np.minimum.at(best, one, rank)
    np.minimum.at(best, other, rank)
    ready = best[lower] == rank
    into = np.arange(len(summits))
    into[lower[ready]] = upper[ready]
    while ((further := into.take(into)) != into).any():
        into = further
    return into


def number_objects(joined: Ints, size: Ints, first: Ints, min_size: int) -> NDArray[np.int64]:
    """Give each object a number, in order of first pixels, and none to those too small.

    Parameters
    ----------
    joined
        Result of `join_basins`, integer ``(basins + 1,)``.
    size
        Pixels by basin number, integer ``(basins + 1,)``.
    first
        Place of its first pixel, integer ``(basins + 1,)``; anything where there is none.
    min_size
        Smallest number of pixels.

    Returns
    -------
    int64 ``(basins + 1,)``, by basin number: the object's number from 1, or 0.
    """
    together = np.bincount(joined, size, len(joined))
    earliest = np.full(len(joined), np.iinfo(np.int64).max)
    np.minimum.at(earliest, joined[size > 0], first[size > 0])
    kept = np.flatnonzero((together > 0) & (together >= min_size))
    number = np.zeros(len(joined), np.int64)
    number[kept[np.argsort(earliest[kept])]] = np.arange(1, len(kept) + 1)
    return number.take(joined)
