"""Planes that are even between others: frames that a camera dropped, channels it took less often.

In a volume they cut the objects that go through them. Planes beyond its first and last picture are
even, too, where it was turned or padded: these cut nothing.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.image.grid import Grid
from napari_unet.core.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_unet.core.image.tiles import Interval, Region

_MIDDLE = 128
"""Pixels along Y and X of the part in the middle, which tells of most planes that they are not."""
_PART = 4, 2048, 2048
"""Pixels along Z, Y and X of the parts in which others are read: a part of a file may have to be
decoded for every part that is cut out of it."""
_GROUND = 0.5
"""Where more of the pixels of other planes have the value of an even one, it is the background of
an image that was thresholded, deconvolved or simulated."""
_FEW = 3
"""So many planes are told one by one."""
_CUT, _PARTLY = "Objects may be cut", "Labels may be wrong"
_MEND = "Take such planes out of the image, or put copies of their neighbours in their place."
DOUBTS = _CUT, _PARTLY
"""How sentences on gaps begin."""


def even_planes(image: Any) -> NDArray[np.bool_]:
    """Return which planes of a plane or volume are of one value, channel by channel.

    Those of a volume do not count where that value is the background between its objects.

    Parameters
    ----------
    image
        ``(C, Y, X)`` or ``(C, Z, Y, X)``; anything with a shape that can be cut. Beyond the
        middle only planes that are even there are looked at.

    Returns
    -------
    bool ``(C, Z)``, of a single plane ``(C, 1)``.
    """
    depth = prod(image.shape[1:-2])
    edges = [min(_MIDDLE, size) for size in image.shape[-2:]]
    pairs = zip(image.shape[-2:], edges, strict=True)
    middle = [((size - edge) // 2, (size + edge) // 2) for size, edge in pairs]
    part = _read(image, ((0, depth), *middle))
    even = np.asarray((part == part[..., :1]).all(axis=-1))
    for planes in _runs(np.flatnonzero(even.any(axis=0))):
        even[:, slice(*planes)] = _even_in_all(image, planes)
    return even & ~_as_ground(part, even)


def _as_ground(middle: NDArray[Any], even: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which even planes are as most pixels of others: between objects there may be none."""
    ground = np.zeros_like(even)
    for channel, planes in enumerate(middle):
        others, values = planes[~even[channel]], planes[:, 0]
        for value in np.unique(values[even[channel]]) if len(others) else ():
            if np.mean(others == value) > _GROUND:
                ground[channel] |= even[channel] & (values == value)
    return ground


def _even_in_all(image: Any, planes: Interval) -> NDArray[np.bool_]:
    """Return which of some planes are of one value, looking no further than it takes."""
    even: Any = True
    first: Any = None
    grid = Grid(tuple(image.shape[-2:]), _PART[1:])
    for region in map(grid.region, range(len(grid))):
        part = _read(image, (planes, *region))
        first = part[..., :1] if first is None else first
        even = even & (part == first).all(axis=-1)
        if not even.any():
            break
    return np.asarray(even)


def _read(image: Any, region: Region) -> NDArray[Any]:
    """Return a part of each of some planes, ``(C, Z, pixels)``."""
    cuts = [slice(*cut) for cut in (region if len(image.shape) > len("CYX") else region[1:])]
    part = np.asarray(image[(slice(None), *cuts)])
    return part.reshape(len(part), region[0][1] - region[0][0], -1)


def _runs(planes: NDArray[np.integer]) -> Iterator[Interval]:
    """Yield from where to where planes follow each other, few at a time."""
    for run in np.split(planes, np.flatnonzero(np.diff(planes) > 1) + 1):
        for start in range(0, len(run), _PART[0]):
            some = run[start : start + _PART[0]]
            yield int(some[0]), int(some[-1]) + 1


def note_on_gaps(
    even: Mapping[int, NDArray[np.bool_]], lead: str, channels: Sequence[int] = ()
) -> str:
    """Return what there is to say of planes that are even where others are not.

    Parameters
    ----------
    even
        What `even_planes` found, bool ``(C, Z)``, by the number in the stack, without planes
        and volumes that look empty: in these there is nothing to find.
    lead
        Letters of the axes of the stack.
    channels
        Numbers of the channels that were looked at; empty for all.

    Returns
    -------
    Sentences, or nothing.
    """
    if not even:
        return ""
    found = np.stack([*even.values()])
    shown = np.flatnonzero(~found.all(axis=(0, 2)))
    found = found[:, shown]
    whole = np.asarray(found.all(axis=1))
    partly = found & (_between(found) | found.all(axis=2, keepdims=True)) & ~whole[:, np.newaxis]
    gone = shown[partly.any(axis=(0, 2))].tolist()
    names = " or ".join(str(channels[each] if channels else each) for each in gone)
    marks = {
        f"{_CUT}: there is nothing in": _between(whole),
        f"{_PARTLY}: channel {names} is empty in": np.asarray(partly.any(axis=1)),
    }
    return " ".join(
        f"{begin} {_places(each, [*even], lead)}. {_MEND}"
        for begin, each in marks.items()
        if each.any()
    )


def _between(even: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which even planes lie between others, along the last axis."""
    others = ~even
    begun = np.logical_or.accumulate(others, axis=-1)
    goes_on = np.flip(np.logical_or.accumulate(np.flip(others, -1), axis=-1), -1)
    return np.asarray(even & begun & goes_on)


def _places(marks: NDArray[np.bool_], numbers: Sequence[int], lead: str) -> str:
    """Name the planes of a stack, or of its volumes, ``(stack, planes)``, that are marked."""
    which = np.flatnonzero(marks.any(axis=1)).tolist()
    noun = "frame" if lead == "T" else "plane" if marks.shape[1] == 1 else "volume"
    if len(lead) > 1:  # their numbers are those of no axis
        return counted(len(which), noun)
    if marks.shape[1] == 1:
        return _named([numbers[each] for each in which], noun)
    told = _named(np.flatnonzero(marks[which[0]]).tolist(), "plane")
    of = f" of {noun} {numbers[which[0]]}" if lead else ""
    more = f" and in {counted(len(which) - 1, f'other {noun}')}" if len(which) > 1 else ""
    return told + of + more


def _named(numbers: Sequence[int], noun: str) -> str:
    first, last = numbers[0], numbers[-1]
    if len(numbers) == 1:
        return f"{noun} {first} (counted from 0)"
    if len(numbers) <= _FEW:
        told = f"{', '.join(map(str, numbers[:-1]))} and {last}"
    elif last - first == len(numbers) - 1:
        told = f"{first} to {last}"
    else:
        return f"{len(numbers)} {noun}s, the first of them {first} (counted from 0)"
    return f"{noun}s {told} (counted from 0)"
