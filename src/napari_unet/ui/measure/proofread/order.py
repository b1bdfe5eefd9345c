"""The order in which objects are proof-read: that of their table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from qtpy.QtCore import Qt

from napari_unet.core.annotation.record import Record
from napari_unet.core.review.queue import ACCEPTED, Queue, Step
from napari_unet.ui.measure.results import MeasuredBox


def sort_by_doubt(measured: MeasuredBox) -> None:
    """Sort the table by doubt, unless the user has sorted it by something else than its labels."""
    table, column = measured.objects, measured.column
    if table.horizontalHeader().sortIndicatorSection() or column.findData("doubt") < 0:
        return
    column.setCurrentIndex(column.findData("doubt"))
    heads = [
        table.rows.headerData(at, Qt.Orientation.Horizontal)
        for at in range(table.rows.columnCount())
    ]
    table.sortByColumn(heads.index("doubt"), Qt.SortOrder.DescendingOrder)


def queue_of(measured: MeasuredBox, record: Record) -> Queue:
    """Return the objects as their table lists them; those that were accepted are done already."""
    table, order = measured.table, measured.objects.rows.order
    doubt = table["doubt"][order] if "doubt" in table else None
    queue = Queue.by(table["label"][order], np.arange(len(order)), doubt, lowest_first=True)
    accepted = [Step(each, ACCEPTED) for each in queue.numbers if each in record.accepted]
    return replace(queue, steps=tuple(accepted))
