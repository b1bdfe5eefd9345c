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

_NUMBERED = re.compile(r"#(\d{1,9})\b")
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
    runs
        First pixel and length of each run down the columns of a plane, and the plane's height;
        None if it is given by its lines.
    name
        What it is called; its own number is read from the last ``#12`` in it.
    group
        Objects of one group are one; empty for none.
    place
        Number of its plane along T and Z, counted from 0, by letter.
    kind
        Name of its class; empty where it has none.
    """

    lines: Sequence[NDArray[Any]] = ()
    runs: tuple[NDArray[np.int64], NDArray[np.int64], int] | None = None
    name: str = ""
    group: str = ""
    place: Mapping[str, int] = field(default_factory=dict)
    kind: str = ""

    def pixels(self, shape: tuple[int, int]) -> Pixels:
        """Return y and x of its pixels in a plane, int64 ``(pixels,)`` both."""
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

    Returns
    -------
    The labels, int32, and the classes. Objects keep the numbers that their names say where all of
    them do; else they are numbered in their order.

    Raises
    ------
    UserError
        If there is no object, or they span more than an image.
    """
    if not objects and shape is None:
        raise UserError(" ".join([f"{name} has no outlines of objects.", *notes]))
    axes = "".join(letter for letter in "TZ" if any(letter in each.place for each in objects))
    lead = tuple(1 + max(each.place.get(letter, 0) for each in objects) for letter in axes)
    ends = np.array([each.end() for each in objects]).reshape(-1, 2)
    rows, columns = shape or ends.max(axis=0, initial=1).tolist()
    spanned = int(rows), int(columns)
    if np.prod([*lead, *spanned], dtype=float) > MOST:
        raise UserError(f"The objects in {name} span more than an image: is it damaged?")
    labels = np.zeros((*lead, *spanned), np.int32)
    numbers = _numbers(objects)
    told = [*notes, *_draw(labels, axes, numbers, objects)]
    return Picture(
        labels,
        f"{axes}YX",
        name=name,
        labels=True,
        open_ended=shape is None,
        notes=tuple(told),
        kinds=_kinds(numbers, objects),
    )


def _numbers(objects: Sequence[Drawn]) -> list[int]:
    """Return the number of each object; those of one group have one."""
    said = [_NUMBERED.findall(each.name) for each in objects]
    if all(said):
        return [int(found[-1]) for found in said]
    names = [each.group or f"alone {place}" for place, each in enumerate(objects)]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names), 1)}
    return [numbers[name] for name in names]


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
    labels: NDArray[np.int32], axes: str, numbers: Sequence[int], objects: Sequence[Drawn]
) -> list[str]:
    """Draw objects one over the other; return sentences on what is not seen of them."""
    covering, empty = 0, 0
    under: set[int] = set()
    for number, each in zip(numbers, objects, strict=True):
        plane = labels[tuple(each.place.get(letter, 0) for letter in axes)]
        inside = each.pixels(plane.shape)
        before = plane[inside]
        others = {*np.unique(before).tolist()} - {0, number}
        under |= others
        covering += bool(others)
        empty += not len(before)
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
