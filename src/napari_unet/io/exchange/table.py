"""The table of objects, as CSV and as Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_unet.core.progress import Progress
from napari_unet.io.table import object_rows, write_table
from napari_unet.storage.atomic import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from napari_unet.core.progress import Steps
    from napari_unet.io.exchange.content import Content
    from napari_unet.io.table import Rows


def content_rows(content: Content) -> Rows:
    """Return the table of the objects; the one place where exports measure."""
    return object_rows(content.labels, content.axes, content.ndim, content.spacing, content.unit)


def csv_steps(path: Path, content: Content) -> Steps[None]:
    """Write the table of objects as CSV.

    Parameters
    ----------
    path
        The file to write; it is there whole or not at all.
    content
        The objects.

    Yields
    ------
    Progress before it is measured.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    yield Progress("measuring")
    write_table(path, content_rows(content))


def parquet_steps(path: Path, content: Content) -> Steps[None]:
    """Write the table of objects as Parquet, each column with the type of its numbers.

    Parameters
    ----------
    path
        The file to write; it is there whole or not at all.
    content
        The objects.

    Yields
    ------
    Progress before it is measured.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    import pyarrow  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415

    yield Progress("measuring")
    rows = content_rows(content)
    columns = {name: [row[name] for row in rows] for name in rows.columns}
    with replacing(path) as temporary:
        parquet.write_table(pyarrow.table(columns), temporary)
