"""Planes that are even between others: frames that a camera dropped, channels it took less often.

In a volume they cut the objects that go through them. Planes beyond its first and last picture are
even, too, where it was turned or padded: these cut nothing.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.image.grid import Grid
from napari_unet.core.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_unet.core.image.tiles import Region

_EDGE = 128
"""Pixels along Y and X of the parts that are looked at one by one."""
_FEW = 3
"""So many planes are told one by one."""
_CUT, _PARTLY = "Objects may be cut", "Labels may be wrong"
_MEND = "Take such planes out of the image, or put copies of their neighbours in their place."
DOUBTS = _CUT, _PARTLY
"""How sentences on gaps begin."""


def even_planes(image: Any) -> NDArray[np.bool_]:
    """Return which planes of a plane or volume are of one value, channel by channel.

    Parameters
    ----------
    image
        ``(C, Y, X)`` or ``(C, Z, Y, X)``; anything with a shape that can be cut. No more
        parts of it are looked at than it takes to know that no plane is even.

    Returns
    -------
    bool ``(C, Z)``, of a single plane ``(C, 1)``.
    """
    through, flat = tuple((0, size) for size in image.shape[1:-2]), image.shape[-2:]
    even: Any = True
    first: Any = None
    for region in _parts(flat):
        part = np.asarray(image[(slice(None), *(slice(*cut) for cut in (*through, *region)))])
        planes = part.reshape(len(part), -1, part.shape[-2] * part.shape[-1])
        first = planes[..., :1] if first is None else first
        even = even & (planes == first).all(axis=-1)
        if not even.any():
            break
    return np.asarray(even)


def _parts(shape: tuple[int, ...]) -> Iterator[Region]:
    """Yield the parts of a plane, the middle first."""
    grid = Grid(shape, (_EDGE,) * len(shape))
    middle = np.ravel_multi_index([count // 2 for count in grid.counts], grid.counts)
    return (grid.region(index) for index in chain([int(middle)], range(len(grid))))


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
