"""An even margin around a picture: what was turned, stitched or padded ends before its file does.

A network takes the step from the margin to the picture for the edge of an object. A margin has one
grey value, or is dark with the noise of a camera, as around a field stop.
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
_LEAST, _PICTURE, _SMALL = 0.02, 0.2, 0.04
"""Share of the image that a margin has at least, the picture in it, and one with straight edges,
which is told from a single object."""
_STRAIGHT = 0.95
"""Share of the box around it that a picture with straight edges along rows and columns fills."""
_WHOLE = 0.9
"""A picture is one piece, with at least this share of all that is not margin."""
_EVEN = 0.8
"""Share of a margin that lies within it."""
_STEP = 0.03
"""How far the picture begins from the margin, of the range of grey values; ground that was set to 0
has no such step. None of the 805 images of the shared sets, nor of 1,200 planes of the volumes, is
said to have a margin, and all of 19 are that were turned or padded.
"""
_BEGINS, _GOES_ON = (2, 4), (6, 8)
"""Pixels from the margin between which the picture begins, and goes on."""
_CORNER = 8
"""Pixels along each axis of a corner by which a dark margin's grey value and noise are known."""
_TELLING = 64
"""Pixels along Y and X of the smallest image in which a dark margin is told from the ground around
an object. Of 2,200 pieces cut around nuclei, as they are and enlarged, none is said to have one.
"""
_FINEST = 2**-10
"""Share of the box around a picture to which the one within it is found."""
_SMOOTHED = 1.0
"""Sigma in pixels against noise."""
_NOISE = 3.0
"""Smoothed, so many standard deviations of a dark margin's noise do not leave it."""
_CLEAR = 6.0
"""So many of those of all of the margin the picture is brighter: tissue beside clear glass strays
far more than a corner of it."""
_RISES = 1.3
"""So much further from a dark margin the picture goes on at most: an object rises more."""
_BULGE = 1.02
"""A picture in a margin is round or has straight edges: along rows and columns it is whole but for
this. Pale ground of tissue that was saved as a small JPEG is even, too, and has bays."""


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
    mask = _margin_of(windows, limits)
    return 0.0 if mask is None else float(mask.mean())


def within_margin(
    windows: Sequence[NDArray[np.generic]], limits: Limits
) -> tuple[tuple[float, float], ...] | None:
    """Return a box that holds nothing but the picture within a margin.

    Parameters
    ----------
    windows, limits
        As for `margin`.

    Returns
    -------
    Where it begins and ends along each spatial axis, as shares of the plane; None without a margin,
    and where there is none of the picture in its middle. A picture whose edges are straight is the
    box, in others it lies around the middle and is as long and wide as they are.
    """
    from scipy import ndimage  # noqa: PLC0415 - slow to load, and the window knows this module

    mask = _margin_of(windows, limits)
    if mask is None:
        return None
    picture = ndimage.binary_fill_holes(~mask)
    box = ndimage.find_objects(picture.astype(np.int8))[0]
    held = box if _is_box(picture) else _held(picture, box)
    if held is None:
        return None
    return tuple(
        (float(cut.start / size), float(cut.stop / size))
        for cut, size in zip(held, mask.shape, strict=True)
    )


def _held(picture: NDArray[np.bool_], around: Sequence[slice]) -> tuple[slice, ...] | None:
    """Shrink the box around a picture until it holds nothing else, as little as may be.

    All axes are shrunk alike, and each is then made as long again as the picture goes on: one that
    was turned along Y and X alone keeps all of its planes.
    """
    axes = range(picture.ndim)
    shares = [0.0] * picture.ndim
    for grown in (axes, *((axis,) for axis in axes)):
        step = 0.5
        while step >= _FINEST:
            longer = [min(1.0, at + step * (axis in grown)) for axis, at in enumerate(shares)]
            if picture[_shrunk(around, longer)].all():
                shares = longer
            step /= 2
    return _shrunk(around, shares) if all(shares) else None


def _shrunk(box: Sequence[slice], shares: Sequence[float]) -> tuple[slice, ...]:
    """Return the middle of a box, of at least a pixel."""
    less = [
        int((cut.stop - cut.start) * (1 - share) / 2)
        for cut, share in zip(box, shares, strict=True)
    ]
    return tuple(
        slice(cut.start + each, cut.stop - each) for cut, each in zip(box, less, strict=True)
    )


def _margin_of(windows: Sequence[NDArray[np.generic]], limits: Limits) -> NDArray[np.bool_] | None:
    if len(windows) != 1:
        return None
    window = _thinned(windows[0])
    mask = _margin(window, limits)
    if mask is None and min(window.shape[-2:]) >= _TELLING:
        return _dark_margin(window, limits)
    return mask


def _thinned(window: NDArray[Any]) -> NDArray[Any]:
    step = max(1, isqrt(window[0].size // _PIXELS))
    return window[..., ::step, ::step]


def _margin(window: NDArray[Any], limits: Limits) -> NDArray[np.bool_] | None:
    from scipy import ndimage  # noqa: PLC0415 - slow to load, and the window knows this module

    masks = (_alike(window, corner) for corner in _corners(window.ndim - 1))
    mask = max(masks, key=np.count_nonzero)
    picture = ~mask
    around = _lies_around(mask, _SMALL if _is_box(picture) else _PICTURE)
    if not around or not _is_whole(ndimage.binary_fill_holes(picture)):
        return None
    value = window[:, mask][:, 0]
    low, high = limits
    step = np.abs(_beside(mask, window, _BEGINS) - value) / (high - low)
    return mask if step.max() > _STEP else None


def _dark_margin(window: NDArray[Any], limits: Limits) -> NDArray[np.bool_] | None:
    """Return which pixels of a window are a dark margin with noise."""
    from scipy import ndimage  # noqa: PLC0415 - as above

    low, high = (each.reshape(-1, *[1] * (window.ndim - 1)) for each in limits)
    grey = ((window - low) / (high - low)).mean(axis=0, dtype=np.float32)
    smooth = ndimage.gaussian_filter(grey, _SMOOTHED)
    found = []
    for corner in _corners(grey.ndim):
        place = tuple(slice(_CORNER) if end == 0 else slice(-_CORNER, None) for end in corner)
        value, noise = float(np.median(grey[place])), float(grey[place].std())
        dark = smooth < value + _NOISE * noise
        if _lies_around(dark) and _is_whole(~dark):
            begins, goes_on = (
                float(_beside(dark, grey[np.newaxis], pixels)[0]) - value
                for pixels in (_BEGINS, _GOES_ON)
            )
            strays = max(noise, float(grey[dark].std()))
            if begins > max(_STEP, _CLEAR * strays) and goes_on < _RISES * begins:
                found.append(dark)
    return max(found, key=np.count_nonzero, default=None)


def _beside(
    margin: NDArray[np.bool_], window: NDArray[Any], pixels: tuple[int, int]
) -> NDArray[Any]:
    """Return the median of each channel at so many pixels from a margin."""
    from scipy import ndimage  # noqa: PLC0415 - as above

    near, far = (ndimage.binary_dilation(margin, iterations=each) for each in pixels)
    return np.asarray(np.median(window[:, far & ~near], axis=1))


def _lies_around(mask: NDArray[np.bool_], picture: float = _PICTURE) -> bool:
    """Return whether there is enough of a margin, and of the picture in it."""
    enough = _LEAST <= mask.mean() <= 1 - picture
    return bool(enough) and _is_even(mask) and _is_one_piece(~mask)


def _is_box(picture: NDArray[np.bool_]) -> bool:
    """Return whether a picture has straight edges along rows and columns."""
    from scipy import ndimage  # noqa: PLC0415 - as above

    boxes = ndimage.find_objects(picture.astype(np.int8))
    return bool(boxes) and bool(picture[boxes[0]].mean() >= _STRAIGHT)


def _is_whole(picture: NDArray[np.bool_]) -> bool:
    """Return whether nothing is missing between the first and the last pixel along each axis."""
    most = _BULGE * np.count_nonzero(picture)
    for axis in range(picture.ndim):
        begun = np.logical_or.accumulate(picture, axis)
        goes_on = np.flip(np.logical_or.accumulate(np.flip(picture, axis), axis), axis)
        if np.count_nonzero(begun & goes_on) > most:
            return False
    return True


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
