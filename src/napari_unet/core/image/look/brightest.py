"""The brightest pixels of an image: of objects, hot ones, and what was drawn over it.

What a microscope sees fades out around its brightest pixels, even where they are saturated. What
was drawn, such as a scale bar, text or the gaps of a montage, ends in one step, and so does a hot
pixel, which is alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from napari_unet.core.image.normalize import Limits

_MANY, _FEWER, _OTHER = 0.01, 0.0005, 0.05
"""Share of the pixels that saturated ones are at least, that all of the highest grey value are if
they are looked at, and that lies between the darkest and the brightest: in a mask there is nothing.
"""
_FADES, _STEP = 0.45, 0.2
"""Pixels beside those of the highest grey value have this much of it above the median where it
fades out, and less than this where it ends.

Of nuclei of five images at two to six times their brightness they have .46 or more, of turned white
corners up to .42, of bars, text, frames, gaps and broken rows up to .17.
"""
_SMALL, _SHORT = 30, 8
"""Pixels of a piece, and along its longest side, that are those of a fine spot and not drawn."""
_AROUND, _USUAL, _ABOVE = 3, 99.8, 2.0
"""A hot pixel is so many times further above the third brightest of so many pixels along Y and X
than that percentile of those is above the lower limit."""
_NOISE = 2.5
"""So many times a usual step from pixel to pixel that percentile is above the median where there is
more than noise: of single photons on a camera's offset one cannot tell."""
_PIXELS = 2**18
"""About so many are enough to look for hot ones, for the median and for the colours."""
_IN_PART = 0.1
"""Share of the pixels that are saturated in some colours and not in others, where tissue is
exposed for too long: clear glass is so in all of them."""
_SPOILT = 0.6
"""Share of these among the pixels that are not saturated in all colours. Of 12 images of tissue,
1.5 to 2 times as bright, it is .76 or more; where only their glass is saturated, .44 at most.
"""


class Brightest(NamedTuple):
    """What the brightest pixels of an image are.

    Parameters
    ----------
    saturated
        Which share of the bright pixels, those above .5, are of objects that all have the highest
        grey value.
    drawn
        Which share of the image was drawn over in its highest grey value.
    hot
        Which share of the pixels are hot.
    overexposed
        Which share of the values of a colour image are saturated, unless most pixels are so in all
        colours or in none.
    """

    saturated: float
    drawn: float
    hot: float
    overexposed: float


def brightest(windows: Sequence[NDArray[Any]], limits: Limits) -> Brightest:
    """Tell what the brightest pixels of a plane or volume are.

    Parameters
    ----------
    windows
        Parts of it, each ``(C, *window)`` of any real dtype.
    limits
        Float ``(2, C)``, as `napari_unet.core.image.normalize.limits_of` gives them.

    Returns
    -------
    Of the channel that has most of each.
    """
    channels = [
        (*_highest(parts, low, high), _hot(parts, low))
        for parts, low, high in zip(zip(*windows, strict=True), *limits, strict=True)
    ]
    saturated, drawn, hot = np.max(channels, axis=0).tolist()
    return Brightest(saturated, drawn, hot, _overexposed(windows))


def _highest(parts: Sequence[NDArray[Any]], low: float, high: float) -> tuple[float, float]:
    """Return which share of the bright pixels is saturated, and of all is drawn."""
    highest, lowest = max(part.max() for part in parts), min(part.min() for part in parts)
    pixels = sum(part.size for part in parts)
    tops = [part == highest for part in parts]
    count = sum(map(np.count_nonzero, tops))
    lows = sum(np.count_nonzero(part == lowest) for part in parts)
    if count < _FEWER * pixels or count + lows > (1 - _OTHER) * pixels:
        return 0.0, 0.0
    ground = np.median(_some([part[np.newaxis] for part in parts]))
    sizes, beside, small = np.concatenate(list(map(_pieces, parts, tops)), axis=1)
    share = (beside - ground) / max(highest - ground, np.finfo(np.float32).tiny)
    fades = sizes[share >= _FADES].sum()
    drawn = sizes[(share < _STEP) & (small == 0)].sum() / pixels
    half = low + (high - low) / 2
    bright = sum(np.count_nonzero(part > half) for part in parts) - (count - fades)
    saturated = fades / max(bright, fades) if fades >= _MANY * pixels else 0.0
    return float(saturated), float(drawn)


def _pieces(part: NDArray[Any], top: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how many pixels each piece has, the mean of those beside it, and whether it is small.

    ``(3, pieces)``.
    """
    from scipy import ndimage  # noqa: PLC0415 - slow to load, and the window knows this module

    pieces, count = ndimage.label(top, np.ones((3,) * top.ndim))
    grown = _grown(pieces)
    near = (grown > 0) & ~top
    sizes = np.bincount(pieces[top], minlength=count + 1)
    total = np.bincount(grown[near], part[near], minlength=count + 1)
    beside = np.bincount(grown[near], minlength=count + 1)
    small = (sizes <= _SMALL) & (_longest(pieces, top, count) < _SHORT)
    return np.stack([sizes, total / np.maximum(beside, 1), small])[:, 1:]


def _grown(pieces: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return pieces with the pixels around them; the later one where two meet."""
    grown = pieces
    for axis in range(pieces.ndim):
        lines = np.moveaxis(grown, axis, 0)
        grown = grown.copy()
        target = np.moveaxis(grown, axis, 0)
        np.maximum(target[1:], lines[:-1], out=target[1:])
        np.maximum(target[:-1], lines[1:], out=target[:-1])
    return grown


def _longest(pieces: NDArray[np.int32], top: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """Return the longest side of the box around each piece."""
    which, places = pieces[top], np.nonzero(top)
    first = np.full((len(places), count + 1), max(top.shape))
    last = np.full_like(first, -1)
    for axis, place in enumerate(places):
        np.minimum.at(first[axis], which, place)
        np.maximum.at(last[axis], which, place)
    longest: NDArray[np.intp] = (last - first + 1).max(axis=0)
    return longest


def _hot(parts: Sequence[NDArray[Any]], low: float) -> float:
    """Return which share of a channel's pixels are hot."""
    from scipy import ndimage  # noqa: PLC0415 - as above

    planes = [_middle(part, isqrt(_PIXELS // len(parts))) for part in parts]
    around = [ndimage.rank_filter(plane, -_AROUND, _AROUND) for plane in planes]
    median, most = np.percentile(
        np.concatenate([each.reshape(-1) for each in around]), (50, _USUAL)
    )
    usual = most - low
    steps = [np.abs(np.diff(plane[::4], append=plane[::4, -1:])).reshape(-1) for plane in planes]
    if usual <= 0 or most - median < _NOISE * np.median(np.concatenate(steps)):
        return 0.0
    above = (plane - third > _ABOVE * usual for plane, third in zip(planes, around, strict=True))
    return sum(map(np.count_nonzero, above)) / sum(plane.size for plane in planes)


def _middle(part: NDArray[Any], edge: int) -> NDArray[np.float32]:
    """Return the middle of the middle plane, with so many pixels along each axis at most."""
    planes = part.reshape(-1, *part.shape[-2:])
    plane = planes[len(planes) // 2]
    starts = (max(0, (size - edge) // 2) for size in plane.shape)
    middle = plane[tuple(slice(start, start + edge) for start in starts)]
    return np.asarray(middle, np.float32)


def _overexposed(windows: Sequence[NDArray[Any]]) -> float:
    """Return which share of the values of a colour image is saturated."""
    some = _some(windows)
    highest = some.max(axis=1)
    seen = (highest > some.min(axis=1)) | (highest == highest.max())
    tops = some[seen] == highest[seen, np.newaxis]
    others = ~tops.all(axis=0)
    in_part = tops.any(axis=0) & others
    spoilt = in_part.mean() >= _IN_PART and in_part.sum() >= _SPOILT * others.sum()
    return float(tops.mean()) if spoilt else 0.0


def _some(windows: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return evenly spaced pixels of parts of an image, ``(C, pixels)``."""
    flat = [window.reshape(len(window), -1) for window in windows]
    step = ceil(sum(each.shape[1] for each in flat) / _PIXELS)
    return np.concatenate([each[:, ::step] for each in flat], axis=1)
