"""What one block of an image tells about the objects in it, while the rest is out of reach.

A block's *fragments* are the pixels whose way uphill ends at the same place: a summit inside the
block, or the first pixel outside. `napari_unet.core.decoding.join` makes objects of all
blocks' fragments, the same numbers as `instances_from_height` in `napari_unet.core.decoding.decode`
gives for the whole image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_unet.core.decoding.basins import Contacts, forward_steps, highest_per_pair
from napari_unet.core.decoding.hills import RADIUS, ends_in_block, smooth, strides_of
from napari_unet.core.errors import UserError
from napari_unet.core.image.grid import within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_unet.core.image.tiles import Region

    Floats = NDArray[np.float32]
    Longs = NDArray[np.int64]


MARGIN = RADIUS + 1
"""How many pixels around its own a block looks at: smoothed ones, one pixel further."""


class BlockFragments(NamedTuple):
    """What a block tells; places are flat indices in the whole image, fragments count from 0.

    Parameters
    ----------
    terminal
        Where each fragment's way uphill ends, int64 ``(fragments,)``.
    summit
        Height there, float32 ``(fragments,)``; NaN where it ends outside the block.
    size
        Number of pixels of each fragment, int64 ``(fragments,)``.
    first
        Place of its first pixel, int64 ``(fragments,)``.
    shell, shell_fragment
        Places of the foreground pixels at the block's border, ascending, and their fragments,
        int64 ``(n,)``.
    order, one, other, saddle
        The contacts, the highest of each pair, int64 ``(contacts,)`` and the saddle float32; as in
        `napari_unet.core.decoding.basins.Contacts`. Another side below 0 is no fragment but the
        place ``-1 - other``, outside the block.
    """

    terminal: Longs
    summit: Floats
    size: Longs
    first: Longs
    shell: Longs
    shell_fragment: Longs
    order: Longs
    one: Longs
    other: Longs
    saddle: Floats


def window_of(region: Region, shape: Sequence[int], margin: int = MARGIN) -> Region:
    """Return a block and a margin around it, as far as there is image.

    Parameters
    ----------
    region
        The block's own pixels.
    shape
        Size of the image.
    margin
        Pixels on each side.
    """
    return tuple(
        (max(0, start - margin), min(size, stop + margin))
        for (start, stop), size in zip(region, shape, strict=True)
    )


def find_fragments(
    height: Floats, foreground: NDArray[np.bool_], region: Region, shape: Sequence[int]
) -> tuple[NDArray[np.uint32], BlockFragments]:
    """Find the fragments of one block.

    Parameters
    ----------
    height, foreground
        Float32 and bool ``(*spatial)``, as for the whole image, but of the block's `window_of`
        only.
    region
        The block's own pixels.
    shape
        Size of the whole image.

    Returns
    -------
    fragments
        ``(*region)`` uint32, numbered from 1, 0 off the foreground.
    record
        The table of them.

    Raises
    ------
    UserError
        If the height is not finite.
    """
    if not np.isfinite(height).all():
        raise UserError("The height has NaN or infinite values: check the image and the model.")
    hills = _hills(height, foreground, region, shape)
    places = _places(region, shape)
    inner = (slice(1, -1),) * hills.ndim
    number = np.zeros(hills.shape, np.int64)
    number[inner] = hills[inner] > -np.inf
    pixels = np.flatnonzero(number)
    ends, fragment = np.unique(
        ends_in_block(hills).ravel().compress(number[inner].ravel()), return_inverse=True
    )
    at_summit = number.ravel().take(ends) > 0
    number.ravel()[pixels] = fragment + 1
    contact = _contacts(hills, number, places)
    record = BlockFragments(
        places.take(ends),
        np.where(at_summit, hills.ravel().take(ends), np.float32(np.nan)),
        np.bincount(fragment, minlength=len(ends)),
        places.take(pixels).take(np.unique(fragment, return_index=True)[1]),
        *_shell(number, places),
        contact.place.astype(np.int64),
        contact.one.astype(np.int64),
        contact.other.astype(np.int64),
        contact.saddle,
    )
    return number[inner].astype(np.uint32), record


def _hills(
    height: Floats, foreground: NDArray[np.bool_], region: Region, shape: Sequence[int]
) -> Floats:
    """Smooth a block and a ring of one pixel; minus infinity off the foreground and the image."""
    window = window_of(region, shape)
    hill = height.astype(np.float32, copy=False)
    for axis, ((start, stop), size) in enumerate(zip(region, shape, strict=True)):
        source = _symmetric(np.arange(start - MARGIN, stop + MARGIN), size)
        hill = smooth(hill.take(source - window[axis][0], axis), axis)
    seen = window_of(region, shape, 1)
    ring = tuple((start - 1, stop + 1) for start, stop in region)
    hills = np.full(hill.shape, -np.inf, np.float32)
    there = within(seen, ring)
    np.copyto(hills[there], hill[there], where=foreground[within(seen, window)])
    return hills


def _symmetric(positions: NDArray[np.integer], size: int) -> NDArray[np.integer]:
    """Fold positions outside an axis back into it as numpy's mode ``symmetric`` does.

    The edge pixel stands there twice, as in `smoothed_hills`, unlike in ``reflect``.
    """
    folded = positions % (2 * size)
    inside: NDArray[np.integer] = np.minimum(folded, 2 * size - 1 - folded)
    return inside


def _places(region: Region, shape: Sequence[int]) -> Longs:
    """Return the flat index in the whole image of a block's pixels and of a ring around them."""
    place = np.zeros((1,) * len(shape), np.int64)
    axes = np.ogrid[tuple(slice(start - 1, stop + 1) for start, stop in region)]
    for axis, step in zip(axes, strides_of(tuple(shape)), strict=True):
        place = place + axis * step
    return place.ravel()


def _shell(number: Longs, places: Longs) -> tuple[Longs, Longs]:
    """Return place and fragment of the foreground pixels at the block's border."""
    border = number.copy()
    border[tuple(slice(2, max(2, size - 2)) for size in number.shape)] = 0
    pixels = np.flatnonzero(border)
    return places.take(pixels), border.ravel().take(pixels) - 1


def _contacts(hills: Floats, number: Longs, places: Longs) -> Contacts:
    """Return the contacts of fragments with each other and with the ring's pixels."""
    ring = np.flatnonzero((hills > -np.inf) & (number == 0))
    side = number.ravel() - 1
    side[side < 0] = _NOTHING
    side[ring] = -1 - places.take(ring)
    height, pixels = hills.ravel(), np.flatnonzero(number)
    own, steps = side.take(pixels), forward_steps(hills.shape)
    found = []
    for rank, step in enumerate(steps):
        there = side.take(pixels + step)
        apart = np.flatnonzero((there != own) & (there != _NOTHING))
        first = pixels[apart]
        saddle = np.minimum(height.take(first), height.take(first + step))
        order = places.take(first) * len(steps) + rank
        found.append(Contacts(order, own[apart], there[apart], saddle))
    return highest_per_pair(Contacts(*map(np.concatenate, zip(*found, strict=True))))


_NOTHING = np.iinfo(np.int64).min
"""Neither a fragment nor a place: those are -1 and below, but never as low as this."""
