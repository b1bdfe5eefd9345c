"""The box around each object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.instances.labels import compact_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Box = tuple[slice, ...]


def object_boxes(labels: NDArray[np.integer[Any]]) -> dict[int, Box]:
    """Return the smallest box around each object, by its number, in one look at all pixels.

    Parameters
    ----------
    labels
        Integers of at least 0, of any shape, 0 = no object.
    """
    from scipy import ndimage  # noqa: PLC0415 - takes long, and the window knows this module

    highest, which = int(labels.max(initial=0)), labels
    if highest > labels.size:
        numbers, which = compact_labels(labels)
        if numbers[0] > 0:
            numbers, which = np.r_[0, numbers], which + 1
    else:
        numbers = np.arange(highest + 1)
    boxes = ndimage.find_objects(which.astype(np.int32, copy=False))
    return {number: box for number, box in zip(numbers[1:].tolist(), boxes, strict=True) if box}


def box_of(indices: Sequence[Any], shape: Sequence[int]) -> Box:
    """Return the box around pixels.

    Parameters
    ----------
    indices
        Along each axis integers ``(pixels,)``, a slice or a number, as arrays are indexed.
    shape
        Of the array.
    """
    whole = [*indices, *[slice(None)] * (len(shape) - len(indices))]
    return tuple(map(_side, whole, shape))


def around(one: Box | None, other: Box) -> Box:
    """Return the box around two; None for nothing."""
    if one is None:
        return other
    sides = zip(one, other, strict=True)
    return tuple(slice(min(a.start, b.start), max(a.stop, b.stop)) for a, b in sides)


def pixels_of(labels: NDArray[np.integer[Any]], number: int, box: Box) -> tuple[Any, ...]:
    """Return the pixels of an object that lie in a box, integers ``(pixels,)`` along each axis."""
    inside = np.nonzero(np.asarray(labels[box]) == number)
    return tuple(side.start + at for side, at in zip(box, inside, strict=True))


def _side(index: Any, size: int) -> slice:
    if isinstance(index, slice):
        start, stop, _ = index.indices(size)
        return slice(start, stop)
    places = np.asarray(index)
    return slice(int(places.min(initial=size)), int(places.max(initial=-1)) + 1)
