"""What has become of each file of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.errors import with_labels

if TYPE_CHECKING:
    from napari_unet.scale.batch.log import Row

_WAITS, _RUNS = "waits", "running"
_FOLDED = {
    **dict.fromkeys(("axes", "channels", "device", "recursive", "views"), "Advanced"),
    "invert": "Settings",
}
"""The parts of the form that hold what a file's sentence may be about."""


class BatchTable(QWidget):
    """A line per file with its status and number of objects; what went wrong is said below.

    Attributes
    ----------
    opened
        Emitted with a file's name when its line is double clicked.
    """

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.table = QTableWidget(0, 3)
        self.table.setHorizontalHeaderLabels(["File", "Status", "Objects"])
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setToolTip("Double click a line to look at the image and what was found in it.")
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.told = Words()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        layout.addWidget(self.told)
        self._rows: dict[str, int] = {}
        self._failed = False
        self.table.itemSelectionChanged.connect(self._tell)
        self.table.cellDoubleClicked.connect(
            lambda line, _: self.opened.emit(self.table.item(line, 0).text())
        )

    def show_names(self, names: Sequence[str]) -> None:
        """Show the files before anything is known about them."""
        self._rows = {name: line for line, name in enumerate(names)}
        self.table.setRowCount(len(names))
        self.told.clear()
        self._failed = False
        for name, line in self._rows.items():
            self._fill(line, (name, _WAITS, ""))

    def show_running(self, name: str) -> None:
        """Say that a file is worked on."""
        line = self._rows.get(name)
        if line is not None and self.table.item(line, 1).text() == _WAITS:
            self.table.item(line, 1).setText(_RUNS)

    def show_row(self, row: Row) -> None:
        """Show what has become of a file."""
        line = self._rows.get(row.name)
        if line is None:
            return
        counted = f"{row.objects:,}" if row.status in ("done", "skipped") else ""
        told = with_labels(row.error or row.note, row.about, _FOLDED)
        status = f"{row.status}, doubtful" if row.doubtful else row.status
        self._fill(line, (row.name, status, counted), told)
        if row.error or (told and not self._failed):  # a doubt hides no failure
            self.told.setText(_told(row.name, told))
        self._failed |= bool(row.error)

    def _fill(self, line: int, texts: Sequence[str], error: str = "") -> None:
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(error or texts[0])
            item.setData(Qt.ItemDataRole.UserRole, error)
            if column == 2:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(line, column, item)

    def _tell(self) -> None:
        for item in self.table.selectedItems()[:1]:
            error = item.data(Qt.ItemDataRole.UserRole)
            name = self.table.item(item.row(), 0).text()
            self.told.setText(_told(name, error))


def _told(name: str, error: str) -> str:
    return error if not error or name in error else f"{name}: {error}"
