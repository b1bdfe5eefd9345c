"""Tables as CSV."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from napari_unet.storage.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray


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
    write_rows(path, head, (row for table in tables for row in _rows(table, head)))


def _rows(table: Mapping[str, NDArray[Any]], head: Sequence[str]) -> Iterable[Sequence[Any]]:
    empty = [""] * len(next(iter(table.values())))
    return zip(*(table[name].tolist() if name in table else empty for name in head), strict=True)


def write_rows(path: Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows as CSV.

    Parameters
    ----------
    path
        The file to write; it is there whole or not at all.
    head
        The names of the columns.
    rows
        What stands in them, in the order of the head.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
