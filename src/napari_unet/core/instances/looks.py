"""What the pixels of label images look like: objects, classes, or the grey of an image."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import skimage

from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import check_labels, compact_labels
from napari_unet.core.instances.masks import FULL, refuse_mask

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


def check_objects(
    labels: NDArray[Any], axes: str | None, what: str, ignore: int | None = None
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

    Raises
    ------
    UserError
        As `check_labels` and `refuse_mask` do, and for labels that `look_grey`.
    """
    if ignore is not None:
        labels = np.where(labels == ignore, labels.dtype.type(0), labels)
    check_labels(labels, what)
    refuse_grey(labels, what)
    refuse_mask(labels, axes, what)


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
    return [f"{what} {NO_IMAGE}: if it is not meant, give the image itself."]


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
