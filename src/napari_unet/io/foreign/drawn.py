"""Objects as other programs keep them, drawn into one label image."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.annotation.annotation import usual_class
from napari_unet.core.errors import UserError
from napari_unet.core.instances.boxes import object_boxes
from napari_unet.core.instances.fill import pixels_inside
from napari_unet.core.words import counted
from napari_unet.io.picture import Picture

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Pixels = tuple[NDArray[np.int64], NDArray[np.int64]]

_NUMBERED = re.compile(r"#(\d{1,10})(?![\w-])")
"""Not before a hyphen, as Fiji calls doubles ``object#12-1``."""
_HIGHEST = int(np.iinfo(np.uint32).max)
_FEW = 3
"""As many objects may well be of as many classes."""
MOST = 2**31
"""Pixels that outlines may span; more is a file that is damaged."""


@dataclass(frozen=True)
class Drawn:
    """An object in a plane.

    Parameters
    ----------
    lines
        Its closed lines, points ``(n, 2)`` each, y and x at corners of pixels; empty if it is given
        by its runs.
    pieces
        Whether each line is filled and the object is all of them; else what lies within two is a
        hole.
    runs
        First pixel and length of each run down the columns of a plane, and the plane's height;
        None if it is given by its lines.
    name
        What it is called; its own number is read from the last ``#12`` in it.
    group
        Objects of one group are one; empty for none.
    place
        Number of its plane along T and Z, counted from 0, by letter.
    through
        Whether it lies in all planes along an axis that its place does not name; else in the first.
    kind
        Name of its class; empty where it has none.
    """

    lines: Sequence[NDArray[Any]] = ()
    pieces: bool = False
    runs: tuple[NDArray[np.int64], NDArray[np.int64], int] | None = None
    name: str = ""
    group: str = ""
    place: Mapping[str, int] = field(default_factory=dict)
    through: bool = False
    kind: str = ""

    def pixels(self, shape: tuple[int, int]) -> Pixels:
        """Return y and x of its pixels in a plane, int64 ``(pixels,)`` both.

        What lies within several pieces is there several times.
        """
        if self.pieces:
            parts = [pixels_inside([line], shape) for line in self.lines]
            y, x = (np.concatenate(each) for each in zip(*parts, strict=True))
            return y, x
        if self.runs is None:
            return pixels_inside(self.lines, shape)
        starts, lengths, height = self.runs
        before = np.repeat(np.cumsum(lengths) - lengths, lengths)
        flat = np.arange(int(lengths.sum())) - before + np.repeat(starts, lengths)
        x, y = np.divmod(flat, height)
        return y, x

    def end(self) -> tuple[int, int]:
        """Return the first row and column that lie behind it."""
        if self.runs is None:
            points = np.concatenate([np.zeros((1, 2)), *self.lines])
            if not np.isfinite(points).all():
                raise ValueError("a point lies nowhere")
            y, x = np.ceil(points.max(axis=0)).tolist()
            return int(y), int(x)
        starts, lengths, height = self.runs
        return height, int(-(-(starts + lengths).max(initial=0) // height))


def drawn_picture(
    name: str,
    objects: Sequence[Drawn],
    shape: tuple[int, int] | None = None,
    notes: Iterable[str] = (),
    planes: Mapping[str, int] | None = None,
) -> Picture:
    """Draw objects into one label image; later ones lie over earlier ones.

    Parameters
    ----------
    name
        What the image is called.
    objects
        What is drawn.
    shape
        Rows and columns; None where the file does not tell, and the image ends with the objects.
    notes
        Sentences about what is not drawn.
    planes
        Number of planes along T and Z, by letter; None where the file does not tell, and the image
        ends with the objects.

    Returns
    -------
    The labels, int32 or uint32, and the classes. Objects keep the numbers that their names say
    where these are numbers from 1 on for all of them, and none is used in two classes; else they
    are numbered in their order.

    Raises
    ------
    UserError
        If there is no object, or they span more than an image.
    """
    if not objects and shape is None:
        raise UserError(" ".join([f"{name} has no outlines of objects.", *notes]))
    deep = count_planes(each.place for each in objects) if planes is None else planes
    axes, lead = "".join(deep), tuple(deep.values())
    ends = np.array([each.end() for each in objects]).reshape(-1, 2)
    rows, columns = shape or ends.max(axis=0, initial=1).tolist()
    spanned = int(rows), int(columns)
    if np.prod([*lead, *spanned], dtype=float) > MOST:
        raise UserError(f"The objects in {name} span more than an image: is it damaged?")
    numbers, anew = _numbers(objects)
    large = max(numbers, default=0) > np.iinfo(np.int32).max
    labels = np.zeros((*lead, *spanned), np.uint32 if large else np.int32)
    told = [*notes, *anew, *_draw(labels, axes, numbers, objects)]
    return Picture(
        labels,
        f"{axes}YX",
        name=name,
        labels=True,
        open_ended=shape is None,
        notes=tuple(told),
        kinds=_kinds(numbers, objects),
    )


def count_planes(places: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return how many planes along T and Z reach as far as some places, by letter."""
    every = list(places)
    return {
        letter: 1 + max(place.get(letter, 0) for place in every)
        for letter in "TZ"
        if any(letter in place for place in every)
    }


def _numbers(objects: Sequence[Drawn]) -> tuple[list[int], list[str]]:
    """Return the number of each object, and a sentence where it is not the one that it has.

    Those of a class that have one number, or are of one group, are one.
    """
    found = [_NUMBERED.findall(each.name) for each in objects]
    said = [int(numbers[-1]) if numbers else None for numbers in found]
    unfit = _unfit(said, objects)
    if not unfit:
        return [number or 0 for number in said], []
    keys = [
        (each.kind, each.group, -1 - place if number is None and not each.group else number)
        for place, (number, each) in enumerate(zip(said, objects, strict=True))
    ]
    fresh = {key: number for number, key in enumerate(dict.fromkeys(keys), 1)}
    told = [f"Objects are numbered anew: {unfit}."] if any(found) else []
    return [fresh[key] for key in keys], told


def _unfit(said: Sequence[int | None], objects: Sequence[Drawn]) -> str:
    """Return why the numbers in names are not those of labels; empty where they are."""
    known = [number for number in said if number is not None]
    if len(known) < len(said):
        return "some have no number"
    if min(known, default=1) == 0:
        return "one has the number 0"
    if max(known, default=1) > _HIGHEST:
        return f"one has a number above {_HIGHEST:,}"
    kinds = {(number, each.kind) for number, each in zip(known, objects, strict=True)}
    return "a number is used in several classes" if len(kinds) > len(set(known)) else ""


def _kinds(numbers: Sequence[int], objects: Sequence[Drawn]) -> dict[int, str]:
    """Return the class of each object; nothing where none has one, or each has a name of its own.

    Objects without a class are of the usual one.
    """
    kinds = {
        number: each.kind or usual_class(1) for number, each in zip(numbers, objects, strict=True)
    }
    shared = len(kinds) <= _FEW or len(set(kinds.values())) < len(kinds)
    return kinds if shared and any(each.kind for each in objects) else {}


def _draw(
    labels: NDArray[np.integer], axes: str, numbers: Sequence[int], objects: Sequence[Drawn]
) -> list[str]:
    """Draw objects one over the other; return sentences on what is not seen of them."""
    covering, empty = 0, 0
    under: set[int] = set()
    for number, each in zip(numbers, objects, strict=True):
        everywhere = slice(None) if each.through else 0
        plane = labels[tuple(each.place.get(letter, everywhere) for letter in axes)]
        inside = (..., *each.pixels(labels.shape[-2:]))
        before = plane[inside]
        others = {*np.unique(before).tolist()} - {0, number}
        under |= others
        covering += bool(others)
        empty += not before.size
        plane[inside] = number
    lost = under.difference(object_boxes(labels)) if under else under
    return _told(covering, len(lost), empty)


def _told(covering: int, lost: int, empty: int) -> list[str]:
    told = []
    if covering:
        told.append(f"{counted(covering, 'object')} over others: the later one is kept there.")
    if lost:
        told.append(
            f"{counted(lost, 'object')} wholly under later ones: left out. If these are no "
            "doubles, put small objects behind large ones in the file."
        )
    if empty:
        told.append(f"{counted(empty, 'outline')} without a pixel inside: left out.")
    return told
