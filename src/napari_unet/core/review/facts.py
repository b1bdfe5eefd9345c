"""What can be counted in one annotated plane or volume."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy
import skimage

from napari_unet.core.instances.labels import compact_labels
from napari_unet.core.instances.overlaps import Overlaps, overlap_table
from napari_unet.core.review.holes import holes

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
    weighed
        Share of its pixels of which anything is learnt.
    hollow
        Pixels in its holes, as a share of its own.
    """

    numbers: NDArray[Any]
    areas: NDArray[np.int64]
    pieces: NDArray[np.int64]
    extents: NDArray[np.int64]
    pixels: NDArray[np.int64]
    weighed: NDArray[np.float64]
    hollow: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        instances: NDArray[Any],
        weight: NDArray[Any] | None = None,
        ignored: NDArray[np.bool_] | None = None,
    ) -> Objects:
        """Count the objects of an integer label image.

        Parameters
        ----------
        instances
            Integer ``(*spatial)``, 0 where pixels are ignored.
        weight, ignored
            A painted weight map, and which pixels do not count, bool; both of the same shape. None
            where there are none.
        """
        components, count = skimage.measure.label(  # type: ignore[no-untyped-call]
            instances, connectivity=instances.ndim, return_num=True
        )
        flat = components.ravel()
        inside = np.flatnonzero(flat)
        first = np.zeros(count + 1, np.int64)
        first[flat[inside]] = inside
        sizes = np.bincount(flat, minlength=count + 1)[1:]
        numbers, which = np.unique(instances.ravel()[first[1:]], return_inverse=True)
        around = scipy.ndimage.find_objects(components)
        boxes = np.array([[(side.start, side.stop) for side in box] for box in around]).reshape(
            count, instances.ndim, 2
        )
        low = np.full((len(numbers), instances.ndim), np.iinfo(np.int64).max)
        high = np.zeros_like(low)
        np.minimum.at(low, which, boxes[..., 0])
        np.maximum.at(high, which, boxes[..., 1])
        smallest = np.zeros(len(numbers), np.int64)
        order = np.argsort(-sizes, kind="stable")
        smallest[which[order]] = first[1:][order]
        areas = np.bincount(which, sizes, len(numbers)).astype(np.int64)
        weighed = np.ones(len(numbers))
        if weight is not None:
            counts = np.asarray(weight).ravel()[inside] > 0
            weighed = np.bincount(which[flat[inside] - 1], counts, len(numbers)) / areas
        ignored = np.zeros(instances.shape, bool) if ignored is None else ignored
        owners, enclosed = holes(instances, ignored)
        hollow = np.bincount(np.searchsorted(numbers, owners), enclosed, len(numbers)) / areas
        return cls(
            numbers,
            areas,
            np.bincount(which, minlength=len(numbers)),
            high - low,
            np.stack(np.unravel_index(smallest, instances.shape), axis=-1),
            weighed,
            hollow,
        )


def touching(instances: NDArray[Any]) -> tuple[int, Pixel | None]:
    """Count the pairs of different objects that are neighbours, corners included.

    Parameters
    ----------
    instances
        Instance labels, integer, of any shape, 0 = no object.

    Returns
    -------
    The number of pairs, and a pixel where two touch; None for no pair.
    """
    pairs: list[Overlaps] = []
    example = None
    for offset in product((-1, 0, 1), repeat=instances.ndim):
        if offset <= (0,) * instances.ndim:
            continue
        here, there = _shifted(offset)
        first, second = instances[here], instances[there]
        met = (first != second) & (first > 0) & (second > 0)
        if not met.any():
            continue
        one, other = first[met], second[met]
        pairs.append(overlap_table(np.minimum(one, other), np.maximum(one, other)))
        if example is None:
            index = np.unravel_index(met.argmax(), met.shape)
            example = tuple(
                int(at) + (side.start or 0) for at, side in zip(index, here, strict=True)
            )
    return (len(reduce(add, pairs).first) if pairs else 0), example


def unpainted(
    image: NDArray[Any], instances: NDArray[Any], ignored: NDArray[np.bool_], objects: Objects
) -> list[Pixel]:
    """Find areas that count as background but are as bright, and as large, as the objects.

    Parameters
    ----------
    image
        ``(C, *spatial)``, any real dtype.
    instances, ignored
        What was painted, integer ``(*spatial)``, and which pixels do not count, bool of the same
        shape.
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
    grey = scipy.ndimage.gaussian_filter(image.mean(axis=0, dtype=np.float32), 1)
    alike = _side_of_objects(grey, painted, background)
    if alike[painted].mean() < 0.75 or alike[background].mean() > 0.35:
        return []
    alike &= background & ~scipy.ndimage.binary_dilation(instances > 0, iterations=RIM)
    areas = skimage.measure.label(alike, connectivity=1)  # type: ignore[no-untyped-call]
    # one transform for all: objects and areas lie apart, so each ends before another begins
    distance = scipy.ndimage.distance_transform_edt((instances > 0) | alike)
    sizes = np.bincount(areas.ravel())
    depths, inmost = _inmost(areas, distance)
    typical = np.median(_inmost(compact_labels(instances)[1], distance)[0][1:])
    area = np.median(objects.areas)
    found = (sizes > area / 2) & (sizes < 4 * area) & (depths > typical / 2)
    places = np.unravel_index(inmost[1:][found[1:]], areas.shape)
    return list(zip(*(axis.tolist() for axis in places), strict=True))


def _side_of_objects(
    grey: NDArray[np.float32], painted: NDArray[np.bool_], background: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which pixels lie on the objects' side of the threshold between two brightnesses."""
    threshold = skimage.filters.threshold_otsu(grey[painted | background])  # type: ignore[no-untyped-call]
    bright: NDArray[np.bool_] = grey > threshold
    return bright if np.median(grey[painted]) > threshold else ~bright


def _inmost(
    numbers: NDArray[np.integer], distance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the largest distance in each number's area, and its first pixel that has it."""
    flat, far = numbers.ravel(), distance.ravel()
    depths, pixels = np.zeros(int(flat.max()) + 1), np.flatnonzero(flat)
    np.maximum.at(depths, flat[pixels], far[pixels])
    deepest = pixels[far[pixels] == depths[flat[pixels]]]
    inmost = np.zeros(len(depths), np.int64)
    inmost[flat[deepest[::-1]]] = deepest[::-1]
    return depths, inmost


def _shifted(offset: Pixel) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return where each pixel and its neighbour at an offset are."""
    here = tuple(slice(max(0, -step), -step if step > 0 else None) for step in offset)
    there = tuple(slice(max(0, step), step if step < 0 else None) for step in offset)
    return here, there
