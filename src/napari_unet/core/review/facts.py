"""What can be counted in one annotated plane or volume."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.measure import label

if TYPE_CHECKING:
    from numpy.typing import NDArray


Pixel = tuple[int, ...]

RIM = 2
"""Pixels around an object that may look like it."""


@dataclass(frozen=True)
class Objects:
    """The painted objects, in the order of their numbers.

    Parameters
    ----------
    numbers, areas, pieces
        Each object's number, its pixels, and of how many pieces it is.
    extents
        Length of the smallest box around it along each axis, ``(objects, axes)``.
    pixels
        A pixel of its smallest piece, ``(objects, axes)``.
    """

    numbers: NDArray[Any]
    areas: NDArray[np.int64]
    pieces: NDArray[np.int64]
    extents: NDArray[np.int64]
    pixels: NDArray[np.int64]

    @classmethod
    def of(cls, instances: NDArray[Any]) -> Objects:
        """Count the objects of an integer label image."""
        components, count = label(  # type: ignore[no-untyped-call]
            instances, connectivity=instances.ndim, return_num=True
        )
        flat = components.ravel()
        inside = np.flatnonzero(flat)
        first = np.zeros(count + 1, np.int64)
        first[flat[inside]] = inside
        sizes = np.bincount(flat, minlength=count + 1)[1:]
        numbers, which = np.unique(instances.ravel()[first[1:]], return_inverse=True)
        boxes = np.array(
            [[(side.start, side.stop) for side in box] for box in ndimage.find_objects(components)]
        ).reshape(count, instances.ndim, 2)
        low = np.full((len(numbers), instances.ndim), np.iinfo(np.int64).max)
        high = np.zeros_like(low)
        np.minimum.at(low, which, boxes[..., 0])
        np.maximum.at(high, which, boxes[..., 1])
        smallest = np.zeros(len(numbers), np.int64)
        order = np.argsort(-sizes, kind="stable")
        smallest[which[order]] = first[1:][order]
        return cls(
            numbers,
            np.bincount(which, sizes, len(numbers)).astype(np.int64),
            np.bincount(which, minlength=len(numbers)),
            high - low,
            np.stack(np.unravel_index(smallest, instances.shape), axis=-1),
        )


def touching(instances: NDArray[Any]) -> tuple[int, Pixel | None]:
    """Count the pairs of different objects that are neighbours, corners included.

    Returns
    -------
    The number of pairs, and a pixel where two touch; None for no pair.
    """
    pairs: list[NDArray[Any]] = []
    example = None
    for offset in product((-1, 0, 1), repeat=instances.ndim):
        if offset <= (0,) * instances.ndim:
            continue
        here, there = _shifted(offset)
        first, second = instances[here], instances[there]
        met = np.nonzero((first != second) & (first > 0) & (second > 0))
        if len(met[0]) and example is None:
            example = tuple(
                int(axis[0]) + (side.start or 0) for axis, side in zip(met, here, strict=True)
            )
        pairs.append(np.sort(np.stack([first[met], second[met]]), axis=0))
    return np.unique(np.concatenate(pairs, axis=1), axis=1).shape[1], example


def unpainted(
    image: NDArray[Any], instances: NDArray[Any], ignored: NDArray[np.bool_], objects: Objects
) -> list[Pixel]:
    """Find areas that count as background but are as bright, and as large, as the objects.

    Parameters
    ----------
    image
        ``(C, *spatial)``.
    instances, ignored
        What was painted, and which pixels do not count.
    objects
        Those of `instances`.

    Returns
    -------
    The innermost pixel of each such area; nothing where brightness does not tell objects from
    background.
    """
    painted, background = (instances > 0) & ~ignored, (instances == 0) & ~ignored
    if not painted.any() or not background.any():
        return []
    grey = ndimage.gaussian_filter(image.mean(axis=0, dtype=np.float32), 1)
    alike = _side_of_objects(grey, painted, background)
    if alike[painted].mean() < 0.75 or alike[background].mean() > 0.35:
        return []
    alike &= background & ~ndimage.binary_dilation(instances > 0, iterations=RIM)
    areas = label(alike, connectivity=1)  # type: ignore[no-untyped-call]
    sizes = np.bincount(areas.ravel())
    typical = np.median(_depths(np.searchsorted(objects.numbers, instances) + 1, instances > 0)[1:])
    depths = _depths(areas, alike)
    area = np.median(objects.areas)
    found = (sizes > area / 2) & (sizes < 4 * area) & (depths > typical / 2)
    return [_inmost(areas, int(number)) for number in np.flatnonzero(found[1:]) + 1]


def _side_of_objects(
    grey: NDArray[np.float32], painted: NDArray[np.bool_], background: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which pixels lie on the objects' side of the threshold between two brightnesses."""
    threshold = threshold_otsu(grey[painted | background])  # type: ignore[no-untyped-call]
    bright: NDArray[np.bool_] = grey > threshold
    return bright if np.median(grey[painted]) > threshold else ~bright


def _depths(numbers: NDArray[np.integer], inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how far the inmost pixel of each number is from the outside."""
    depths = np.zeros(int(numbers.max()) + 1)
    distance = ndimage.distance_transform_edt(inside)
    np.maximum.at(depths, numbers[inside], distance[inside])
    return depths


def _inmost(areas: NDArray[np.integer], number: int) -> Pixel:
    distance = ndimage.distance_transform_edt(areas == number)
    return tuple(int(index) for index in np.unravel_index(distance.argmax(), areas.shape))


def _shifted(offset: Pixel) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return where each pixel and its neighbour at an offset are."""
    here = tuple(slice(max(0, -step), -step if step > 0 else None) for step in offset)
    there = tuple(slice(max(0, step), step if step < 0 else None) for step in offset)
    return here, there
