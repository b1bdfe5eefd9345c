"""Tables of objects as CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from napari_unet.core.image.axes import usual_order
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.instances.measure import rows_of
from napari_unet.storage.atomic import replacing

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
    spacing: Sequence[float | None] | None = None,
    unit: str = "px",
) -> Rows:
    """Measure the objects of an image, plane by plane.

    Parameters
    ----------
    instances
        Labels.
    axes
        One letter of T, Z, Y, X per axis.
    ndim
        2 for planes of Y and X, 3 for volumes of Z, Y and X.
    spacing
        Size of a pixel along the Z, Y and X axes, as they follow each other in `axes`; None for
        unknown, of all or of one.
    unit
        Unit of the spacing. Along axes of which one is not known is measured in pixels.

    Returns
    -------
    A row per object as in `measure`, led by the number of its plane along each other axis,
    counted from 0.
    """
    order = usual_order(axes)
    letters = "".join(axes[axis] for axis in order)
    stack = instances.transpose(order)
    lead = [letter.lower() for letter in letters[:-ndim]]
    sizes = Spacing.along(axes, spacing).of(letters[-ndim:])
    rows = [
        dict(zip(lead, plane, strict=True)) | row
        for plane in np.ndindex(stack.shape[:-ndim])
        for row in rows_of(stack[plane], sizes, unit if sizes else "px")
    ]
    any_object = np.ones((1,) * ndim, np.uint8)
    return Rows((*lead, *rows_of(any_object)[0]), rows)


def write_columns(path: Path, tables: Sequence[Mapping[str, NDArray[Any]]]) -> None:
    """Write tables below each other as CSV, the names of their columns as its head.

    Parameters
    ----------
    path
        The file to write; it is there whole or not at all.
    tables
        Columns of one length by name, as `measure_objects` returns them. What one has not that
        others have stays empty.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    head = list(dict.fromkeys(name for table in tables for name in table))
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        for table in tables:
            count = len(next(iter(table.values())))
            empty = [""] * count
            columns = [table[name].tolist() if name in table else empty for name in head]
            writer.writerows(zip(*columns, strict=True))


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
