"""A small spot that outshines all objects, such as a piece of debris: it sets no limits.

With it in the percentiles all else is black. It is no scale bar (see `normalize`), for its grey
values fall off gently. One bright object in an empty field looks the same, and is what is to be
found: hence there must be something else, away from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.image.look.emptiness import looks_empty

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

OUTSHONE = 0.12
"""What a spot outshines is within this share of the range of grey values.

Of nuclei beside a gentle spot of 10 px and 8, 16, 30 times their brightness AP at .5 was .73, .41
and .00 before, and is .88, as without it. No image of the shared sets has such a spot.
"""
_SMALL = 0.02
"""Share of an image that is brighter than that at most."""
_WHOLE = 0.9
"""Share of the pixels in the upper half of the range that are in the spot."""
_LEAST = 64
"""Pixels along Y and X of a part in which there may be something else."""


def beside_spot(channel: NDArray[Any], low: float, high: float) -> NDArray[Any] | None:
    """Return the grey values away from a spot that takes up their range.

    Parameters
    ----------
    channel
        A plane or volume, ``(*spatial)``, any real dtype.
    low, high
        Its limits, as `napari_unet.core.image.normalize.limits_of` finds them.

    Returns
    -------
    Some of its grey values, ``(n,)``; None where there is no such spot, or nothing beside it.
    """
    bright = channel > low + OUTSHONE * (high - low)
    if np.count_nonzero(bright) > _SMALL * bright.size:
        return None
    box = _box(bright, channel > low + (high - low) / 2)
    if not box or looks_empty(part[np.newaxis] for part in _beside(channel, box)):
        return None
    away = np.ones(channel.shape, bool)
    away[box] = False
    return channel[away]


def _box(bright: NDArray[np.bool_], brightest: NDArray[np.bool_]) -> tuple[slice, ...]:
    """Return the box of a spot, twice as large as what is bright of it; empty without one."""
    from scipy import ndimage  # noqa: PLC0415 - slow to load, and the window knows this module

    pieces, _ = ndimage.label(bright)
    pixels = np.bincount(pieces[brightest], minlength=1)
    if not pixels.any() or pixels.max() < _WHOLE * pixels.sum():
        return ()
    spot = ndimage.find_objects(pieces)[int(pixels.argmax()) - 1]
    reach = [(cut.stop - cut.start + 1) // 2 for cut in spot]
    return tuple(
        slice(max(0, cut.start - more), cut.stop + more)
        for cut, more in zip(spot, reach, strict=True)
    )


def _beside(channel: NDArray[Any], box: tuple[slice, ...]) -> Iterator[NDArray[Any]]:
    """Yield the parts before and after a box along each axis that are large enough."""
    for axis, cut in enumerate(box):
        for beside in (slice(cut.start), slice(cut.stop, None)):
            part = channel[(slice(None),) * axis + (beside,)]
            if part.size and min(part.shape[-2:]) >= _LEAST:
                yield part
