"""An even margin around a picture: what was turned, stitched or padded ends before its file does.

A network takes the step from the margin to the picture for the edge of an object.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from math import isqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from napari_unet.core.image.normalize import Limits

_PIXELS = 2**20
"""About so many of a plane are enough to tell."""
_LEAST, _PICTURE = 0.02, 0.2
"""Share of the image that a margin has at least, and the picture in it."""
_WHOLE = 0.9
"""A picture is one piece, with at least this share of all that is not margin."""
_EVEN = 0.8
"""Share of a margin that lies within it."""
_STEP = 0.03
"""How far the picture begins from the margin, of the range of grey values; ground that was set to 0
has no such step. None of the 805 images of the shared sets is said to have a margin, and all of 19
are that were turned or padded.
"""
_NEAR, _INSIDE = 2, 4
"""Pixels from the margin between which the picture begins."""


def margin(windows: Sequence[NDArray[np.generic]], limits: Limits) -> float:
    """Return which share of a plane or volume is an even margin around a picture.

    Parameters
    ----------
    windows
        Parts of it, each ``(C, *window)`` of any real dtype.
    limits
        Float ``(2, C)``, as `napari_unet.core.image.normalize.limits_of` gives them.

    Returns
    -------
    From 0 to 1; 0 where there is none. It is 0 also for more than one window: in a small part of an
    image, ground that was set to 0 around touching objects looks like a margin.
    """
    return _margin(_thinned(windows[0]), limits) if len(windows) == 1 else 0.0


def _thinned(window: NDArray[Any]) -> NDArray[Any]:
    step = max(1, isqrt(window[0].size // _PIXELS))
    return window[..., ::step, ::step]


def _margin(window: NDArray[Any], limits: Limits) -> float:
    masks = (_alike(window, corner) for corner in _corners(window.ndim - 1))
    mask = max(masks, key=np.count_nonzero)
    share = float(mask.mean())
    if not _LEAST <= share <= 1 - _PICTURE or not _is_even(mask) or not _is_one_piece(~mask):
        return 0.0
    from scipy import ndimage  # noqa: PLC0415 - slow to load, and the window knows this module

    near, inside = (ndimage.binary_dilation(mask, iterations=far) for far in (_NEAR, _INSIDE))
    begins = np.median(window[:, inside & ~near], axis=1)
    value = window[:, mask][:, 0]
    low, high = limits
    step = np.abs(begins - value) / (high - low)
    return share if step.max() > _STEP else 0.0


def _corners(ndim: int) -> Iterator[tuple[int, ...]]:
    yield from itertools.product((0, -1), repeat=ndim)


def _alike(window: NDArray[Any], corner: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which pixels have the grey value of a corner, in all channels."""
    place: tuple[Any, ...] = (slice(None), *corner)
    value = window[place]
    alike: NDArray[np.bool_] = (window == value.reshape(-1, *[1] * len(corner))).all(axis=0)
    return alike


def _is_even(mask: NDArray[np.bool_]) -> bool:
    from scipy import ndimage  # noqa: PLC0415 - as above

    within = ndimage.binary_erosion(mask, border_value=1)
    return bool(np.count_nonzero(within) >= _EVEN * np.count_nonzero(mask))


def _is_one_piece(picture: NDArray[np.bool_]) -> bool:
    from scipy import ndimage  # noqa: PLC0415 - as above

    pieces, count = ndimage.label(picture)
    largest = np.bincount(pieces.reshape(-1))[1:].max() if count else 0
    return bool(largest >= _WHOLE * np.count_nonzero(picture))
