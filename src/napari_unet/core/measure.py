"""A table of objects: how large they are and where they lie."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.labels import check_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SIZES = {2: "area", 3: "volume"}


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
        For other than two or three axes, labels that are not whole numbers of at least 0, or a
        spacing that does not fit.
    """
    check_labels(instances, "The label image")
    ndim = instances.ndim
    if ndim not in SIZES:
        raise UserError(f"Only a plane or a volume can be measured, not {ndim} axes.")
    spacing = (1.0,) * ndim if spacing is None else tuple(spacing)
    if len(spacing) != ndim or not all(0 < step < math.inf for step in spacing):
        raise UserError(f"spacing must be {ndim} numbers above 0, one per axis, not {spacing}.")
    where = np.nonzero(instances)
    labels, number = np.unique(instances[where], return_inverse=True)
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
