"""Masks and class images: labels that do not tell objects from each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import skimage

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.instances.labels import compact_labels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


AS_CLASSES = "take the numbers for classes."
"""What else can be done with labels that are refused here."""
FULL = (255, 65_535)
"""The numbers of what is white in a picture of 8 or of 16 bits."""
_SHARE = 0.1
"""Pieces below this share of the largest one are specks."""
_PIECES = 3
"""From so many pieces on, what has one number is not one object."""
FEW = 13
"""Classes have so many numbers at most, with 255 and without 0."""
_MANY, _LOW = 10, 20
"""From so many pieces on most of some numbers are classes; and beside numbers below this 255 is
what is ignored."""
_SAMPLE = 4096
"""Pixels."""


def are_masks(images: Iterable[NDArray[Any]]) -> bool:
    """Tell whether label images are all black and white: 0 and a number of `FULL`, no other.

    Parameters
    ----------
    images
        Label images, of any shape; those that are 0 everywhere say nothing.
    """
    white = False
    for each in images:
        if each.any():
            if _only_number(each) not in FULL:
                return False
            white = True
    return white


def refuse_mask(
    labels: NDArray[np.integer], axes: str | None, what: str, *, classes: bool = False
) -> None:
    """Refuse objects that all have the same number.

    Parameters
    ----------
    labels
        Instance labels, non-negative integers of any shape, without pixels that take no part.
    axes
        One letter per axis; None where they are not known.
    what
        How the sentence names the image.
    classes
        Whether to advise to take the numbers for classes, too.

    Raises
    ------
    UserError
        If there is one number only, in several pieces that are no specks. Two pieces may be one
        object that something covers, unless their number is one of `FULL`.
    """
    told = mask_doubt(labels, axes)
    if told:
        raise UserError(f"{what} {told if classes else told.replace(f', or {AS_CLASSES}', '.')}")


def mask_doubt(labels: NDArray[np.integer], axes: str | None) -> str:
    """Return why labels are refused as a mask, see `refuse_mask`; empty where they are not.

    Parameters
    ----------
    labels
        Instance labels, non-negative integers of any shape, without pixels that take no part.
    axes
        One letter per axis; None where they are not known.

    Returns
    -------
    What is said of the labels and what to do, without a subject.
    """
    number = _only_number(labels) if labels.ndim > 1 else 0
    pieces = _pieces(labels != 0, axes) if number else 0
    if pieces < (2 if number in FULL else _PIECES):
        return ""
    return (
        f"has one number only, {number}, in {pieces} pieces: it is a mask, not objects. Give each "
        "object a number of its own (with Fiji's Analyze Particles, or scikit-image's label), or "
        f"{AS_CLASSES}"
    )


def class_doubt(labels: NDArray[np.integer], axes: str | None) -> str:
    """Return why labels are refused as the numbers of classes; empty where they are not.

    Objects are seldom in many pieces, and classes mostly are. Of 255 beside a few low numbers it is
    known what it means: it is the number of what is ignored.

    Parameters
    ----------
    labels
        Instance labels, non-negative integers of any shape, without pixels that take no part.
    axes
        One letter per axis; None where they are not known.

    Returns
    -------
    What is said of the labels and what to do, without a subject.
    """
    # a few of the pixels tell already that there are too many numbers
    some = labels.ravel()[:: max(1, labels.size // _SAMPLE)]
    if labels.ndim < 2 or len(np.unique(some)) > FEW + 1:
        return ""
    numbers = [number for number in compact_labels(labels)[0].tolist() if number]
    others, ignored = [number for number in numbers if number != FULL[0]], beside_255(numbers)
    several = 1 < len(numbers) <= FEW
    if not several or not others:
        return ""
    least = _PIECES if ignored else _MANY
    many = sum(_pieces(labels == number, axes) >= least for number in others)
    if 2 * many < len(others):
        return ""
    means = "; 255 means “ignored” in such images" if ignored else ""
    return (
        f"has the numbers {', '.join(map(str, numbers))} only, and most of them are in {least} "
        f"pieces or more: they look like classes, not objects{means}. Give each object a number of "
        f"its own (scikit-image's label), or {AS_CLASSES}"
    )


def refuse_classes(
    labels: NDArray[np.integer], axes: str | None, what: str, ignore: int | None = None
) -> None:
    """Refuse labels whose numbers are those of classes, where the borders of objects count.

    Parameters
    ----------
    labels, axes
        As for `class_doubt`.
    what
        How the sentence names the image.
    ignore
        Number of the pixels that take no part; None for none.

    Raises
    ------
    UserError
        If they look so.
    """
    if ignore is not None:
        labels = np.where(labels == ignore, labels.dtype.type(0), labels)
    if told := class_doubt(labels, axes):
        raise UserError(f"{what} {told}")


def beside_255(numbers: Iterable[int]) -> bool:
    """Return whether 255 is one of some numbers, and means “ignored”: all others are low."""
    others = set(numbers) - {0}
    return FULL[0] in others and 0 < max(others - {FULL[0]}, default=0) < _LOW


def _only_number(labels: NDArray[Any]) -> int:
    """Return the only number beside 0; 0 if there are several or none."""
    highest = labels.max(initial=0)
    return int(highest) if ((labels == 0) | (labels == highest)).all() else 0


def _pieces(painted: NDArray[np.bool_], axes: str | None) -> int:
    """Return how many pieces the plane or volume with the most of them has."""
    if axes is None and painted.ndim > 2:
        return min(_pieces(painted, letters[-painted.ndim :]) for letters in ("TTZYX", "TTTYX"))
    letters = axes or "YX"
    lead = [axis for axis, letter in enumerate(letters) if letter not in SPATIAL[3]]
    stack = np.moveaxis(painted, lead, range(len(lead)))
    planes = stack.reshape(-1, *stack.shape[len(lead) :])
    return max(map(_large_pieces, planes), default=0)


def _large_pieces(painted: NDArray[np.bool_]) -> int:
    numbered = skimage.measure.label(painted)  # type: ignore[no-untyped-call]
    sizes = np.bincount(numbered.ravel())[1:]
    return int(np.count_nonzero(sizes >= _SHARE * sizes.max(initial=1)))
