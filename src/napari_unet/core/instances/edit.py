"""Corrections of painted objects: merge, split, take, delete, and change their shape.

All functions take instance labels of any number of axes, leave them as they are and return a
new array of the same shape and dtype. None of them overwrites a neighbouring object. Along axes
that are `apart`, such as time, pixels are no neighbours: there each frame is changed for itself.
"""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from napari_unet.core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Labels = NDArray[np.integer[Any]]
    Mask = NDArray[np.bool_]


SMOOTHING = 1.5
"""Standard deviation, in pixels, of the blur that smooths an outline."""

MARGIN = 6
"""Pixels around an object that the functions here may look at or change, beside growing."""


def next_number(labels: Labels, elsewhere: int = 0) -> int:
    """Return the number after the largest that is used.

    Parameters
    ----------
    labels
        Instance labels, integer, of any shape.
    elsewhere
        The largest number outside of these labels.

    Raises
    ------
    UserError
        If the dtype of the labels holds no larger number.
    """
    number = max(int(labels.max(initial=0)), elsewhere) + 1
    if number > np.iinfo(labels.dtype).max:
        raise UserError("This layer has no numbers left: convert its data type to uint32 first.")
    return number


def surroundings(labels: Labels, numbers: Sequence[int], margin: int = MARGIN) -> tuple[slice, ...]:
    """Return the part of the labels in which some objects and a margin around them lie.

    Parameters
    ----------
    labels
        Instance labels, integer, of any shape.
    numbers
        The objects.
    margin
        Pixels on each side, as far as there is image.

    Raises
    ------
    UserError
        If none of the objects is there.
    """
    mask = _mask(labels, numbers)
    box = []
    for axis, size in enumerate(labels.shape):
        others = tuple(other for other in range(labels.ndim) if other != axis)
        filled = np.flatnonzero(mask.any(axis=others))
        if not filled.size:
            raise UserError("The object is not here: pick one that is in view.")
        box.append(slice(max(filled[0] - margin, 0), min(filled[-1] + 1 + margin, size)))
    return tuple(box)


def merge(labels: Labels, numbers: Sequence[int], apart: Sequence[int] = ()) -> Labels:
    """Give several objects the number of the first, and fill gaps of up to 2 pixels between them.

    Parameters
    ----------
    labels
        Instance labels, integer, of any shape.
    numbers
        The objects.
    apart
        Axes along which pixels are no neighbours.

    Returns
    -------
    Labels of the same shape and dtype.

    Raises
    ------
    UserError
        If fewer than two of the objects are there.
    """
    there = [number for number in dict.fromkeys(numbers) if (labels == number).any()]
    if len(there) < 2:
        raise UserError("Pick at least two objects to merge.")
    united = _mask(labels, there)
    alone = reduce(np.logical_or, (_closed(labels == number, apart) for number in there))
    between = _closed(united, apart) & ~alone & (labels == 0)
    return np.where(united | between, labels.dtype.type(there[0]), labels)


def split(labels: Labels, numbers: Sequence[int], line: Mask, first: int) -> Labels:
    """Split objects along a line.

    Parameters
    ----------
    labels
        Instance labels, integer, of any shape.
    numbers
        The objects; those that the line does not part stay as they are.
    line
        True on the line, which may be as thin as `numpy` broadcasts to the labels' shape: a line
        in a plane goes through all planes then.
    first
        The first number for new objects. The largest piece keeps its number.

    Returns
    -------
    Labels of the same shape and dtype.

    Raises
    ------
    UserError
        If the line parts none of the objects.
    """
    result = labels.copy()
    line = np.broadcast_to(line, labels.shape)
    for number in numbers:
        for piece in _pieces(labels == number, line):
            result[piece] = first
            first += 1
    if np.array_equal(result, labels):
        raise UserError(
            "The line parts no object: draw it from one side of an object to the other."
        )
    return result


def take(labels: Labels, source: Labels, numbers: Sequence[int], first: int) -> Labels:
    """Copy objects of other labels to where nothing is painted.

    Parameters
    ----------
    labels
        Instance labels, integer, of any shape.
    source
        Other labels of the same shape.
    numbers
        The objects of `source`. Those of which half or more is painted already are left out.
    first
        The first number for them here.

    Returns
    -------
    Labels of the same shape and dtype.

    Raises
    ------
    UserError
        If all are painted already.
    """
    there = _mask(source, numbers)
    found, which = np.unique(source[there], return_inverse=True)
    free = labels[there] == 0
    kept = 2 * np.bincount(which, free, found.size) > np.bincount(which, minlength=found.size)
    if not kept.any():
        raise UserError("These objects are painted already.")
    fresh = (first - 1 + np.cumsum(kept)).astype(labels.dtype)
    result = labels.copy()
    result[there] = np.where(free & kept[which], fresh[which], labels[there])
    return result


def delete(labels: Labels, numbers: Sequence[int], apart: Sequence[int] = ()) -> Labels:
    """Return integer labels of any shape without some objects, whichever axes are `apart`."""
    return np.where(_mask(labels, numbers), labels.dtype.type(0), labels)


def fill_holes(labels: Labels, numbers: Sequence[int], apart: Sequence[int] = ()) -> Labels:
    """Fill holes inside objects of integer labels; what other objects lie in the holes stays."""
    return _reshape(labels, numbers, scipy.ndimage.binary_fill_holes, apart)


def keep_largest(labels: Labels, numbers: Sequence[int], apart: Sequence[int] = ()) -> Labels:
    """Keep the largest piece of each object of integer labels; across corners they are one."""
    return _reshape(labels, numbers, _largest, apart)


def smooth(labels: Labels, numbers: Sequence[int], apart: Sequence[int] = ()) -> Labels:
    """Smooth the outlines of objects of integer labels, of any shape."""
    return _reshape(labels, numbers, _smoothed, apart)


def grow(
    labels: Labels, numbers: Sequence[int], pixels: int = 1, apart: Sequence[int] = ()
) -> Labels:
    """Let objects of integer labels grow into unpainted pixels."""
    return _reshape(labels, numbers, lambda mask: _depth(~mask) <= pixels, apart, pixels + 1)


def shrink(
    labels: Labels, numbers: Sequence[int], pixels: int = 1, apart: Sequence[int] = ()
) -> Labels:
    """Shrink objects of integer labels, not away from the edge; what would vanish stays."""
    return _reshape(labels, numbers, lambda mask: _depth(mask) > pixels, apart, pixels + 1)


def clear_border(
    labels: Labels, axes: Sequence[int] | None = None, apart: Sequence[int] = ()
) -> Labels:
    """Delete all objects that touch the image's edge.

    Parameters
    ----------
    labels
        Instance labels, integer, of any shape.
    axes
        The axes, of those that are not apart, whose two ends are the edge; None for all.
    apart
        Axes along which pixels are no neighbours.

    Returns
    -------
    Labels of the same shape and dtype.
    """
    result = labels.copy()
    for frame in _frames(result, apart):
        found: set[int] = set()
        for axis in range(frame.ndim) if axes is None else axes:
            found |= set(np.unique(frame.take([0, -1], axis)).tolist())
        frame[_mask(frame, sorted(found - {0}))] = 0
    return result


def interpolate(labels: Labels, number: int, axis: int = 0) -> Labels:
    """Fill the planes between those on which an object is painted.

    The outline goes over from one painted plane to the next by signed distance, and its centre
    on a straight line.

    Parameters
    ----------
    labels
        Instance labels, integer, of at least two axes.
    number
        The object.
    axis
        The axis along which the planes lie.

    Returns
    -------
    Labels of the same shape and dtype.

    Raises
    ------
    UserError
        If there is no gap between planes on which the object is painted.
    """
    planes = np.moveaxis(labels == number, axis, 0)
    painted = np.flatnonzero(planes.any(axis=tuple(range(1, planes.ndim))))
    gaps = [(low, high) for low, high in pairwise(painted) if high - low > 1]
    if not gaps:
        raise UserError("Paint the object on two planes with empty planes between them first.")
    result = labels.copy()
    target = np.moveaxis(result, axis, 0)
    for low, high in gaps:
        for plane in range(low + 1, high):
            part = (plane - low) / (high - low)
            new = _between(planes[low], planes[high], part)
            target[plane][new & (target[plane] == 0)] = number
    return result


def _between(first: Mask, second: Mask, part: float) -> Mask:
    centres = [np.array(scipy.ndimage.center_of_mass(mask)) for mask in (first, second)]
    centre = centres[0] * (1 - part) + centres[1] * part
    heights = [
        scipy.ndimage.shift(_signed_distance(mask), centre - own, order=1, mode="nearest")
        for mask, own in zip((first, second), centres, strict=True)
    ]
    inside: Mask = heights[0] * (1 - part) + heights[1] * part > 0
    return inside


def _signed_distance(mask: Mask) -> NDArray[np.float64]:
    """Return the distance to the outline, which runs half-way between pixels."""
    distance: NDArray[np.float64] = np.where(mask, _depth(mask) - 0.5, 0.5 - _depth(~mask))
    return distance


def _depth(mask: Mask) -> NDArray[np.float64]:
    """Return how far each pixel lies within a mask; 0 outside."""
    depth: NDArray[np.float64] = scipy.ndimage.distance_transform_edt(mask)
    return depth


def _reshape(
    labels: Labels,
    numbers: Sequence[int],
    change: Callable[[Mask], Mask],
    apart: Sequence[int],
    margin: int = MARGIN,
) -> Labels:
    result = labels.copy()
    for number in numbers:
        box = surroundings(labels, [number], margin)
        masks = _frames(labels[box] == number, apart)
        for before, part in zip(masks, _frames(result[box], apart), strict=True):
            after = change(before) if before.any() else before
            if after.any():
                part[before & ~after] = 0
                part[after & (part == 0)] = number
    return result


def _frames(array: NDArray[Any], apart: Sequence[int]) -> Iterator[NDArray[Any]]:
    """Yield the parts of an array that have all of its axes but some."""
    moved = np.moveaxis(array, apart, range(len(apart)))
    yield from (moved[index] for index in np.ndindex(moved.shape[: len(apart)]))


def _pieces(mask: Mask, line: Mask) -> list[Mask]:
    """Return the parts that a line cuts off an object, without the largest; each has its line."""
    found: list[Mask] = []
    objects, count = scipy.ndimage.label(mask)
    for index in range(1, count + 1):
        whole = objects == index
        pieces, parts = scipy.ndimage.label(whole & ~line)
        if parts < 2:
            continue
        nearest = scipy.ndimage.distance_transform_edt(
            pieces == 0, return_distances=False, return_indices=True
        )
        pieces = np.where(whole, pieces[tuple(nearest)], 0)
        order = np.argsort(np.bincount(pieces.ravel())[1:])[::-1] + 1
        found += [pieces == piece for piece in order[1:]]
    return found


def _largest(mask: Mask) -> Mask:
    pieces, _ = scipy.ndimage.label(mask, np.ones((3,) * mask.ndim))
    largest: Mask = pieces == np.argmax(np.bincount(pieces.ravel())[1:]) + 1
    return largest


def _smoothed(mask: Mask) -> Mask:
    blurred = scipy.ndimage.gaussian_filter(mask.astype(np.float32), SMOOTHING, mode="nearest")
    smoothed: Mask = blurred > 0.5
    return smoothed


def _closed(mask: Mask, apart: Sequence[int]) -> Mask:
    padded = np.pad(mask, 2)
    near = [1 if axis in apart else 3 for axis in range(mask.ndim)]
    closed = scipy.ndimage.binary_closing(padded, np.ones(near))
    inner: Mask = closed[(slice(2, -2),) * mask.ndim]
    return inner | mask


def _mask(labels: Labels, numbers: Sequence[int]) -> Mask:
    return np.isin(labels, np.array(numbers, labels.dtype))
