"""Tables of objects as CSV."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.atomic import replacing
from napari_unet.core.measure import measure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


def object_rows(
    instances: NDArray[np.integer],
    axes: str,
    ndim: int,
    spacing: Sequence[float] | None = None,
    unit: str = "px",
) -> list[dict[str, Any]]:
    """Measure the objects of an image, plane by plane.

    Parameters
    ----------
    instances
        Labels, the spatial axes last.
    axes
        One letter of T, Z, Y, X per axis.
    ndim
        How many of the last axes are one plane or volume, 2 or 3.
    spacing
        Size of a pixel along each of the Z, Y and X axes; None for 1.
    unit
        Unit of the spacing.

    Returns
    -------
    A row per object as in `measure`, led by the number of its plane along each other axis,
    counted from 0.
    """
    lead = instances.shape[: instances.ndim - ndim]
    sizes = None if spacing is None else spacing[-ndim:]
    return [
        dict(zip(axes.lower(), plane, strict=False)) | row
        for plane in np.ndindex(lead)
        for row in measure(instances[plane], sizes, unit)
    ]


def write_table(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows as CSV, their keys as its head; without rows the file is empty.

    Parameters
    ----------
    path
        The file to write; it is there whole or not at all.
    rows
        What `object_rows` returned.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]) if rows else [])
        if rows:
            table.writeheader()
        table.writerows(rows)
