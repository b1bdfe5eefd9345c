"""What every part of the package asks of instance labels: whole numbers, and objects apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.config import check_class_count
from napari_unet.core.errors import UserError
from napari_unet.core.image.check import refuse_masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


_HIGHEST = int(np.iinfo(np.int64).max)


def check_labels(labels: NDArray[np.generic], what: str = "The label image") -> None:
    """Refuse what cannot be instance labels.

    Parameters
    ----------
    labels
        Any array, of any shape and dtype.
    what
        How the sentence names it, such as a file name.

    Raises
    ------
    UserError
        For anything but non-negative integers that 64 bits hold with a sign.
    """
    if labels.dtype == bool:
        raise UserError(
            f"{what} is a yes-or-no mask: give each object its own number first "
            "(for example with scikit-image's label)."
        )
    if labels.dtype.kind == "f":
        raise UserError(f"{what} holds decimal numbers; save it as an integer image.")
    if labels.dtype.kind not in "iu":
        raise UserError(f"{what} holds {labels.dtype} values; save it as an integer image.")
    if labels.size and labels.min() < 0:
        raise UserError(f"{what} holds negative numbers; number background 0 and objects from 1.")
    if labels.dtype == np.uint64 and labels.max(initial=0) > _HIGHEST:
        raise UserError(f"{what} holds numbers above {_HIGHEST:,}; number the objects from 1.")


def as_labels(labels: Any, what: str = "The label image") -> NDArray[Any]:
    """Return any array of labels as one of numpy's, decimal numbers that are whole as integers.

    Parameters
    ----------
    labels
        What numpy makes an array of.
    what
        How the sentence names it.

    Raises
    ------
    UserError
        If some pixels are masked.
    """
    refuse_masked(labels, what)
    return whole(np.asarray(labels))


_EXACT = 2**53
"""Up to here decimal numbers hold every whole one."""


def whole(labels: NDArray[Any]) -> NDArray[Any]:
    """Return decimal numbers that are all whole as integers, and anything else as it is."""
    if labels.dtype.kind != "f" or not np.isfinite(labels).all():
        return labels
    if (np.abs(labels) > _EXACT).any() or (labels != np.round(labels)).any():
        return labels
    held = labels.min(initial=0) >= 0 and labels.max(initial=0) <= np.iinfo(np.uint32).max
    return labels.astype(np.uint32 if held else np.int64)


def class_image(
    labels: NDArray[np.integer], classes: Mapping[int, int], num_classes: int
) -> NDArray[np.uint8]:
    """Give each pixel the class of its object.

    Parameters
    ----------
    labels
        Instance labels, integer, 0 = no object.
    classes
        Number of an object to number of its class; objects that are not named have class 1.
    num_classes
        Number of classes, background included.

    Returns
    -------
    uint8, of the shape of labels, 0 = background.

    Raises
    ------
    UserError
        If an object has a class that there is not, or there are more than `MOST_CLASSES`.
    """
    check_class_count(num_classes - 1)
    unknown = [number for number, of in classes.items() if not 0 < of < num_classes]
    if unknown:
        raise UserError(
            f"Object {unknown[0]} has class {classes[unknown[0]]}, but there are only the classes "
            f"1 to {num_classes - 1}: give it one of these, or name another class."
        )
    if all(of == 1 for of in classes.values()):
        return (labels > 0).astype(np.uint8)
    numbers, which = compact_labels(labels)
    of = np.array([classes.get(number, 1) for number in numbers.tolist()], dtype=np.uint8)
    of[numbers == 0] = 0
    return of[which]


def compact_labels(labels: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Find the different labels, and which of them each pixel has.

    Parameters
    ----------
    labels
        Integer, of any shape.

    Returns
    -------
    numbers
        int64 ``(n,)``, the different labels, ascending.
    which
        Integer, of the shape of labels: ``numbers[which]`` are the labels again.
    """
    low, high = int(labels.min(initial=0)), int(labels.max(initial=0))
    # a table by number is several times faster than a sort, but must not outgrow the image
    if low < 0 or high > 4 * labels.size + 65_535:
        numbers, which = np.unique(labels, return_inverse=True)
        return numbers.astype(np.int64), which.reshape(labels.shape)  # flat before numpy 2
    present = np.zeros(high + 1, bool)
    present[labels] = True
    return np.flatnonzero(present), (np.cumsum(present) - 1)[labels]


def part_touching(labels: NDArray[np.integer]) -> NDArray[np.integer]:
    """Part touching objects by a gap of one pixel.

    A pixel becomes background if an object with a smaller number lies in its neighbourhood of
    3 pixels along each axis. An object so thin that nothing would be left of it goes first
    instead: it stays as it is, and its neighbours give way. Only where such thin objects touch each
    other does the smaller number win and may another disappear. Where no object is that thin, a
    pixel's result depends on its neighbourhood alone.

    Parameters
    ----------
    labels
        Instance labels, integer, of any number of axes; not changed.

    Returns
    -------
    A new array of the same shape and dtype in which no two objects are neighbours.
    """
    parted = _yield_to_smaller(labels)
    lost = np.setdiff1d(labels[parted != labels], parted)
    if not lost.size:
        return parted
    thin = _yield_to_smaller(np.where(np.isin(labels, lost), labels, 0).astype(labels.dtype))
    beside_thin = _over_neighbours(np.maximum, thin) > 0
    return np.where(beside_thin, thin, parted)


def _yield_to_smaller(labels: NDArray[np.integer]) -> NDArray[np.integer]:
    nothing = np.array(np.iinfo(labels.dtype).max, labels.dtype)
    smallest = _over_neighbours(np.minimum, np.where(labels == 0, nothing, labels))
    return np.where(smallest < labels, labels.dtype.type(0), labels)


def _over_neighbours(reduce: np.ufunc, image: NDArray[np.integer]) -> NDArray[np.integer]:
    for axis in range(image.ndim):
        source = np.moveaxis(image, axis, 0)
        image = image.copy()
        target = np.moveaxis(image, axis, 0)
        reduce(target[1:], source[:-1], out=target[1:])
        reduce(target[:-1], source[1:], out=target[:-1])
    return image


def objects_per_plane(instances: NDArray[np.integer], ndim: int) -> NDArray[np.int64]:
    """Count the objects of each plane or volume; one that lies in several counts in each.

    Parameters
    ----------
    instances
        Labels, integer ``(*lead, *spatial)``, 0 = no object.
    ndim
        Number of spatial axes.

    Returns
    -------
    int64 ``(*lead)``.
    """
    lead = instances.shape[: instances.ndim - ndim]
    counts = np.zeros(lead, np.int64)
    for plane in np.ndindex(lead):
        # a table by number takes a tenth of the time that sorting the pixels does
        counts[plane] = np.count_nonzero(np.bincount(instances[plane].ravel())[1:])
    return counts


def numbers_in(labels: NDArray[np.integer]) -> list[int]:
    """Return the numbers of all objects in labels, in order.

    Parameters
    ----------
    labels
        Non-negative integers, of any shape, 0 = no object.
    """
    highest = int(labels.max(initial=0))
    if highest > labels.size:
        return [*map(int, np.unique(labels[labels > 0]))]
    there, flat = np.zeros(highest + 1, bool), labels.ravel()
    for first in range(0, flat.size, _COUNTED):
        counts = np.bincount(flat[first : first + _COUNTED])
        there[: counts.size] |= counts > 0
    return [*map(int, np.flatnonzero(there[1:]) + 1)]


_COUNTED = 2**20
"""Pixels whose numbers are looked for at once, few enough to stay in the cache."""
