"""What the pixels of label images look like: objects, classes, or the grey of an image."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import skimage

from napari_unet.core.errors import UserError
from napari_unet.core.instances.boxes import object_boxes
from napari_unet.core.instances.labels import check_labels, compact_labels
from napari_unet.core.instances.masks import FULL, refuse_mask
from napari_unet.core.instances.overlaps import overlap_table

if TYPE_CHECKING:
    from numpy.typing import NDArray


NO_IMAGE = "looks like labels, not like an image"
"""What is said of an image that may be none."""
_EVEN, _PURE = 0.7, 0.9
"""Share of the pixels of objects that have their own number beside them, of all, and inside."""
_RESTLESS = 0.3
"""The same inside, where it is too low for any objects but single pixels."""
_SCATTERED = 3
"""In so many places a number of an image lies, and one of an object seldom does."""
_LEVELS, _BY_ONE = 4, 0.9
"""With so many numbers besides 0, of which such a share of neighbours that differ do by one, it is
dim light. Of three images of 7 levels 99 % do and more, of 377 label images of objects at most
26 %, of 25 of classes at most 43 %."""
_WIDE = 1024
"""Pixels along each axis that are enough to tell grey from objects."""
_FEW, _SHADES = 4096, 8
"""Pixels and different numbers of a plane below which an array says little: an image has more."""
_APART, _FAR, _TAKEN, _SURE = 0.1, 1.5, 1 / 3, 3
"""Share of the numbers that lie elsewhere in the next plane, at least so many diameters away, and
of these those whose place another one has taken; and how many say it at least. Of volumes and
followed films none do, of most of the same 18 % and more once each plane is numbered anew."""
_STEPS = 20
"""Pairs of planes that are enough to tell."""
_ANEW = {
    "Z": ("plane", "Give each object one number through all planes first."),
    "T": ("frame", "Follow the objects through time first, so that each keeps its number."),
}


def check_objects(
    labels: NDArray[Any],
    axes: str | None,
    what: str,
    ignore: int | None = None,
    *,
    classes: bool = False,
) -> None:
    """Refuse what cannot be the objects of a result: no labels at all, a grey image, or a mask.

    An annotation that somebody is painting may be any of these for a while.

    Parameters
    ----------
    labels
        Any array, of any shape and dtype.
    axes
        One letter per axis; None where they are not known.
    what
        How the sentence names it.
    ignore
        Number of the pixels that take no part; None for none.
    classes
        Whether what is asked for can be done with classes, too, so that this is advised.

    Raises
    ------
    UserError
        As `check_labels` and `refuse_mask` do, and for labels that `look_grey`.
    """
    if ignore is not None:
        labels = np.where(labels == ignore, labels.dtype.type(0), labels)
    check_labels(labels, what)
    refuse_grey(labels, what)
    refuse_mask(labels, axes, what, classes=classes)


def refuse_mixed_up(
    labels: Any, what: str = "The label image", ignore: NDArray[np.bool_] | None = None
) -> None:
    """Refuse an array that a program took for objects, where it is clearly something else.

    Less is refused than by `check_objects`: an array may be a plane or a part of a stack, in which
    one object lies in many pieces.

    Parameters
    ----------
    labels
        Any array. One that is not in memory is read where it is looked at, and may be a mask.
    what
        How the sentence names it.
    ignore
        True where pixels take no part; None for none.

    Raises
    ------
    UserError
        For a grey image of usual size, and for a mask of black (0) and white in several pieces.
    """
    if labels.dtype.kind not in "iu" or labels.size == 0:
        return
    if ignore is not None and ignore.shape == labels.shape:
        labels = np.where(ignore, labels.dtype.type(0), labels)
    if math.prod(labels.shape[-2:]) >= _FEW:
        refuse_grey(labels, what, _SHADES)
    if isinstance(labels, np.ndarray) and int(labels.max()) in FULL and labels.min() >= 0:
        refuse_mask(labels, None, what)


def refuse_grey(labels: Any, what: str, shades: int = 0) -> None:
    """Refuse labels that `look_grey`; those that are read when they are looked at, too.

    Raises
    ------
    UserError
        If they do.
    """
    if look_grey(labels, shades):
        raise UserError(
            f"{what} looks like a grey image, not like objects: its numbers change from pixel to "
            "pixel. Give the labels, in which each object has one number; were they mixed up with "
            "their image?"
        )


def image_doubt(image: NDArray[Any], what: str) -> list[str]:
    """Return what is doubtful about an image that looks like labels, as a sentence; else nothing.

    Parameters
    ----------
    image
        Real numbers, ``(*lead, Y, X)``, of one channel.
    what
        How the sentence names it.
    """
    if image.dtype.kind not in "iu" or not look_like_labels(image):
        return []
    return [
        f"{what} {NO_IMAGE}: give the microscope's image that these labels belong to, unless you "
        "mean the labels themselves."
    ]


def numbers_doubt(labels: Any, axes: str, ndim: int) -> list[str]:
    """Return a sentence where numbers seem to mean other objects in each plane or frame.

    Parameters
    ----------
    labels
        Integer, 0 = no object. The middle of some planes in the middle of the other axes is looked
        at, so that it may be read from a file.
    axes
        One letter of T, Z, Y, X per axis.
    ndim
        Along how many axes objects extend: in 2D a plane has numbers of its own.
    """
    axes = axes.upper()
    for letter in ("Z", "T") if ndim > 2 else ("T",):
        if letter in axes and _are_anew(labels, axes, letter):
            one, help_ = _ANEW[letter]
            return [
                f"Many numbers are in quite other places from {one} to {one}: if they were given "
                f"anew in each {one}, what has one number is not one object. {help_}"
            ]
    return []


def look_grey(numbers: Any, shades: int = 0) -> bool:
    """Tell whether labels look like a grey image, which numbers of objects never do.

    Parameters
    ----------
    numbers
        Integer, of any shape. The middle of the plane in the middle is looked at.
    shades
        With fewer different numbers it is none.

    Returns
    -------
    Whether neighbours mostly differ, and numbers lie in many places.
    """
    if numbers.ndim < 2:
        return False
    window = map(middle, numbers.shape[-2:])
    plane = np.asarray(numbers[(*_middle_index(numbers), *window)])
    lit, (pairs, same) = np.count_nonzero(plane), _neighbours(plane)
    if not pairs or same >= _PURE * pairs or len(compact_labels(plane)[0]) < shades:
        return False
    # marks of single pixels have few neighbours, and these are others' marks
    crowded = pairs >= lit and same < _RESTLESS * pairs
    return bool(crowded or _places(plane) >= _SCATTERED)


def look_like_labels(numbers: NDArray[np.integer]) -> bool:
    """Tell whether an image looks like labels: even patches of numbers, and 0 around them.

    The few levels of very dim light are even patches, too, but lie within each other.

    Parameters
    ----------
    numbers
        Integer, of at least two axes. The plane in the middle of the others is looked at.
    """
    plane = numbers[_middle_index(numbers)]
    left, right = plane[:, :-1], plane[:, 1:]
    inside, same = left != 0, left == right
    if plane.min(initial=0) < 0 or not inside.any() or plane.all():
        return False
    # sparse light is mostly alone, and dim light has other numbers beside it
    within = inside & (right != 0)
    patches = bool(same[inside].mean() > _EVEN and same[within].mean() > _PURE)
    return patches and not _is_dim_light(plane)


def _are_anew(labels: Any, axes: str, along: str) -> bool:
    """Tell whether numbers jump along an axis, to where others were."""
    size = 0 if 0 in labels.shape else labels.shape[axes.index(along)]
    index: list[Any] = [
        middle(length) if letter in "YX" else length // 2
        for letter, length in zip(axes, labels.shape, strict=True)
    ]
    jumps: list[NDArray[Any]] = [np.empty((0, 2))]
    for first in np.unique(np.linspace(0, size - 2, _STEPS).astype(int)) if size > 1 else ():
        planes = []
        for at in (first, first + 1):
            index[axes.index(along)] = int(at)
            planes.append(np.asarray(labels[tuple(index)]))
        jumps.append(_jumps(*planes))
    apart, taken = np.concatenate(jumps).T
    count = np.count_nonzero(apart)
    return bool(count >= _SURE and apart.mean() > _APART and taken.sum() > _TAKEN * count)


def _jumps(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.bool_]:
    """Return of each number in two planes whether it lies elsewhere, and another where it lay.

    What moves all of them is the stage, and counts for none.

    Returns
    -------
    ``(numbers, 2)``.
    """
    before, after = object_boxes(one), object_boxes(other)
    numbers = np.array([number for number in before if number in after], np.int64)
    if not len(numbers):
        return np.empty((0, 2), bool)
    table = overlap_table(one, other)
    stay = np.isin(numbers, table.first[table.first == table.second])
    others = table.first[(table.second != 0) & (table.first != table.second)]
    ways = np.array([_middle_of(after[n]) - _middle_of(before[n]) for n in numbers.tolist()])
    ways -= np.median(ways, axis=0)
    sides = np.array([_sides(before[n]) + _sides(after[n]) for n in numbers.tolist()]) / 2
    apart = ~stay & (np.linalg.norm(ways, axis=1) > _FAR * sides.mean(axis=1))
    return np.stack([apart, apart & np.isin(numbers, others)], axis=1)


def _middle_of(box: tuple[slice, ...]) -> NDArray[Any]:
    return np.array([(side.start + side.stop) / 2 for side in box])


def _sides(box: tuple[slice, ...]) -> NDArray[Any]:
    return np.array([side.stop - side.start for side in box])


def _is_dim_light(plane: NDArray[np.integer]) -> bool:
    """Tell whether numbers are levels of grey: between neighbours none is left out."""
    if len(compact_labels(plane[plane > 0])[0]) < _LEVELS:
        return False
    steps = [np.abs(np.diff(plane.astype(np.int64), axis=axis)) for axis in (0, 1)]
    differ = sum(int(np.count_nonzero(step)) for step in steps)
    return sum(int(np.count_nonzero(step == 1)) for step in steps) > _BY_ONE * differ


def _middle_index(numbers: Any) -> tuple[int, ...]:
    return tuple(size // 2 for size in numbers.shape[:-2])


def middle(size: int) -> slice:
    """Return the middle of an axis of so many pixels, as much as is enough to tell."""
    first = max(0, (size - _WIDE) // 2)
    return slice(first, first + _WIDE)


def _neighbours(plane: NDArray[Any]) -> tuple[int, int]:
    """Count the pairs of neighbours without background, and those that have one number."""
    pairs = same = 0
    for one, other in ((plane[:, :-1], plane[:, 1:]), (plane[:-1], plane[1:])):
        inside = (one != 0) & (other != 0)
        pairs += int(inside.sum())
        same += int((inside & (one == other)).sum())
    return pairs, same


def _places(plane: NDArray[Any]) -> float:
    """Return in how many places a number lies, of half of the numbers at least."""
    which = np.where(plane == 0, 0, compact_labels(plane)[1] + 1)
    places, count = skimage.measure.label(  # type: ignore[no-untyped-call]
        which, connectivity=2, return_num=True
    )
    numbers = np.zeros(count + 1, np.intp)
    numbers[places.ravel()] = which.ravel()
    counts = np.bincount(numbers[1:])
    return float(np.median(counts[counts > 0]))
