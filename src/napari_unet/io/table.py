"""Tables of objects as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from napari_unet.core.atomic import replacing
from napari_unet.core.measure import measure

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Rows(Sequence[dict[str, Any]]):
    """Rows of a table; its columns have names also where there is no row.

    Parameters
    ----------
    columns
        The keys of each row, in order.
    rows
        What stands in the table.
    """

    columns: tuple[str, ...]
    rows: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: Any) -> Any:
        return self.rows[index]


def object_rows(
    instances: NDArray[np.integer],
    axes: str,
    ndim: int,
    spacing: Sequence[float] | None = None,
    unit: str = "px",
) -> Rows:
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
    rows = [
        dict(zip(axes.lower(), plane, strict=False)) | row
        for plane in np.ndindex(lead)
        for row in measure(instances[plane], sizes, unit)
    ]
    any_object = np.ones((1,) * ndim, np.uint8)
    return Rows((*axes.lower()[: len(lead)], *measure(any_object)[0]), rows)


def write_table(path: Path, rows: Rows) -> None:
    """Write rows as CSV, the names of their columns as its head.

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
        table = csv.DictWriter(file, rows.columns)
        table.writeheader()
        table.writerows(rows)
