"""A table of objects: how large they are and where they lie."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.image.spacing import one_for_each
from napari_unet.core.instances.labels import as_labels, check_labels, compact_labels
from napari_unet.core.instances.looks import refuse_mixed_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


SPECK = 5
"""Objects of fewer pixels are specks."""
SIZES = {2: "area", 3: "volume"}
_UNIT_BALL = {2: math.pi / 4, 3: math.pi / 6}
"""Area of the disc and volume of the ball of diameter 1."""
_SHORT = 25.0
"""Percentile of the pieces of lines within objects."""


def measure(
    instances: NDArray[np.integer], spacing: Sequence[float] | None = None, unit: str = "pixel"
) -> list[dict[str, Any]]:
    """Measure each object of a plane or volume.

    Parameters
    ----------
    instances
        ``(y, x)`` or ``(z, y, x)`` labels, integer, 0 = no object.
    spacing
        Size of a pixel along each axis, in ``unit``; None for 1.
    unit
        Unit of the spacing, such as ``"micrometer"``.

    Returns
    -------
    A row per object, in order of the labels: ``label``; ``pixels``, their number; ``area`` in
    square or ``volume`` in cubic units; ``centroid_z``, ``centroid_y``, ``centroid_x`` in units
    from the centre of the first pixel; ``unit``.

    Raises
    ------
    UserError
        For other than two or three axes, labels that are not whole numbers of at least 0 or look
        like something else, or a spacing that does not fit.
    """
    instances = as_labels(instances)
    refuse_mixed_up(instances)
    check_labels(instances, "The label image")
    ndim = instances.ndim
    if ndim not in SIZES:
        raise UserError(f"Only a plane or a volume can be measured, not {ndim} axes.")
    spacing = one_for_each(spacing, ndim)
    where = np.nonzero(instances)
    labels, number = compact_labels(instances[where])
    pixels = np.bincount(number, minlength=len(labels))
    columns = {
        "label": labels,
        "pixels": pixels,
        SIZES[ndim]: pixels * math.prod(spacing),
        **{
            f"centroid_{name}": np.bincount(number, index, len(labels)) / pixels * step
            for name, index, step in zip("zyx"[-ndim:], where, spacing, strict=True)
        },
    }
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) | {"unit": unit} for row in rows]


def without_specks(pixels: NDArray[np.integer]) -> NDArray[np.integer]:
    """Return how many pixels objects have, without specks, unless most of what there is are some.

    Parameters
    ----------
    pixels
        Pixels of each object, integer ``(objects,)``.

    Returns
    -------
    Integer ``(objects,)`` of those with `SPECK` pixels or more.
    """
    large = pixels[pixels >= SPECK]
    return large if 2 * large.sum() > pixels.sum() else pixels


def diameters(labels: NDArray[np.integer], *, specks: bool = True) -> NDArray[np.float64]:
    """Return the diameter of the disc or ball as large as each object, in pixels.

    Parameters
    ----------
    labels
        Instance labels of one plane or volume, integer, 0 = no object.
    specks
        Whether specks count, see `without_specks`.

    Returns
    -------
    float64 ``(objects,)``, in the order of their numbers.
    """
    pixels = np.bincount(compact_labels(labels[labels > 0])[1])
    counting = pixels if specks else without_specks(pixels)
    return np.asarray(equivalent_diameter(counting, labels.ndim), np.float64)


def mean_chords(labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return how long lines along each axis run within each object on average, in pixels.

    Parameters
    ----------
    labels
        As for `diameters`.

    Returns
    -------
    float64 ``(objects, axes)``, in the order of their numbers: of a disc .79 and of a ball .67 of
    the diameter, and of a thin object little more than it is thick.
    """
    numbers, which = compact_labels(labels)
    pixels = np.bincount(which.reshape(-1), minlength=len(numbers))
    columns = []
    for axis in range(labels.ndim):
        begins = np.diff(which, axis=axis, prepend=-1) != 0
        columns.append(pixels / np.bincount(which[begins], minlength=len(numbers)))
    return np.stack(columns, axis=1)[numbers > 0]


def thickness(labels: Sequence[NDArray[np.integer]]) -> NDArray[np.float64]:
    """Return how thick objects are along each axis where they are thin, in pixels.

    A line along an axis runs within objects in pieces; a quarter of all pieces is shorter than
    this. A cell with long processes is as thick as those.

    Parameters
    ----------
    labels
        Of one image or several, as for `diameters`, with one object at least.

    Returns
    -------
    float64 ``(axes,)``: of discs .66 and of balls .5 of the diameter.
    """
    axes = range(labels[0].ndim)
    pieces = [np.concatenate([_pieces(each, axis) for each in labels]) for axis in axes]
    return np.array([np.percentile(each, _SHORT) for each in pieces])


def _pieces(labels: NDArray[np.integer], axis: int) -> NDArray[np.intp]:
    """Return how long each piece of all lines along an axis is that lies within an object."""
    lines = np.moveaxis(labels, axis, -1)
    begins = np.flatnonzero(np.diff(lines, axis=-1, prepend=lines[..., :1] + 1) != 0)
    lengths = np.diff(begins, append=lines.size)
    return lengths[lines.reshape(-1)[begins] > 0]


def typical_diameter(pixels: NDArray[np.integer], ndim: int) -> float:
    """Return the diameter of a disc or ball as large as the median object, in pixels.

    Specks do not count, see `without_specks`.

    Parameters
    ----------
    pixels
        Pixels of each object, integer ``(objects,)``.
    ndim
        2 for discs, 3 for balls.
    """
    return float(equivalent_diameter(np.median(without_specks(pixels)), ndim))


def equivalent_diameter(pixels: Any, ndim: int) -> Any:
    """Return the diameter of the disc or ball of so many pixels.

    Parameters
    ----------
    pixels
        A number, or an array of any shape.
    ndim
        2 for discs, 3 for balls.

    Returns
    -------
    A float, or float64 of the same shape.
    """
    return (pixels / _UNIT_BALL[ndim]) ** (1 / ndim)


def equivalent_size(diameter: float, ndim: int) -> float:
    """Return how many pixels a disc or ball of a diameter has; see `equivalent_diameter`."""
    return diameter**ndim * _UNIT_BALL[ndim]
