"""The table of objects, as CSV and as Parquet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_unet.core.measuring.objects import measure_steps
from napari_unet.core.measuring.request import MeasureRequest
from napari_unet.core.provenance.record import KEY
from napari_unet.io.table import write_columns
from napari_unet.storage.atomic import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_unet.core.progress import Steps
    from napari_unet.io.exchange.content import Content


def content_columns(content: Content) -> Steps[dict[str, NDArray[Any]]]:
    """Measure the objects; the one place where exports do.

    Yields
    ------
    Progress with the objects that are done.

    Returns
    -------
    Columns by name, as `measure_objects` has them; of objects that are proof-read with those of
    their record.
    """
    spacing = content.spacing or ()
    request = MeasureRequest(
        content.axes, content.ndim, spacing, content.unit, channels=content.channels
    )
    evidence = replace(content.evidence, classes=content.semantic)
    columns = yield from measure_steps(content.labels, content.image, request, evidence)
    return columns if content.read is None else columns | content.read.columns(columns["label"])


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
    Progress with the objects that are measured.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    write_columns(path, [(yield from content_columns(content))])


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
    Progress with the objects that are measured.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    import pyarrow  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415

    table = pyarrow.table((yield from content_columns(content)))
    if content.made is not None:
        record = content.made.replace(kind="objects").to_json()
        table = table.replace_schema_metadata({KEY: record})
    with replacing(path) as temporary:
        parquet.write_table(table, temporary)
