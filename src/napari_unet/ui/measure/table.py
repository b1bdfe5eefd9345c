"""The rows of a table of objects; a click leads to the object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from qtpy.QtCore import QAbstractTableModel, QEvent, QModelIndex, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QTableView

_ROWS = 170
"""Height, in pixels of the screen."""
_ROW, _AROUND = 22, 4
"""Least height of a row, and how much of it is above and below its text."""


class ObjectTable(QTableView):
    """Shows some columns and rows; a click on a head sorts by its column.

    Attributes
    ----------
    chosen
        Emitted with the number of the row, of all, that was clicked.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.rows = ObjectRows()
        self.setModel(self.rows)
        self.setFixedHeight(_ROWS)
        self.horizontalHeader().setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.verticalHeader().hide()
        self._fit_rows()
        self.horizontalHeader().setStretchLastSection(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setToolTip("Click a row to see the object, and the head of a column to sort by it.")
        self.selectionModel().currentRowChanged.connect(self._choose)
        self.clicked.connect(self._choose)  # also the row that is chosen already

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Make rows as high as their text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_rows()

    def _fit_rows(self) -> None:
        high = max(_ROW, self.fontMetrics().height() + _AROUND)
        self.verticalHeader().setDefaultSectionSize(high)

    def _choose(self, index: QModelIndex, _: QModelIndex | None = None) -> None:
        if index.isValid():
            self.chosen.emit(int(self.rows.order[index.row()]))


class ObjectRows(QAbstractTableModel):
    """What the table shows.

    Attributes
    ----------
    order
        Which rows are shown, and in which order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.order = np.zeros(0, np.intp)
        self._columns: list[tuple[str, np.ndarray]] = []
        self._sorted = (0, Qt.SortOrder.AscendingOrder)

    def show_columns(self, columns: Sequence[tuple[str, np.ndarray]], shown: np.ndarray) -> None:
        """Show columns with their titles, and of their rows those that are wanted."""
        self.beginResetModel()
        self._columns, self.order = list(columns), np.flatnonzero(shown)
        self._sort()
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name
        """Return how many objects are shown."""
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        """Return how many columns are shown."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell says."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        value = self._columns[index.column()][1][self.order[index.row()]]
        return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Any, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the title of a column."""
        wanted = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return self._columns[section][0] if wanted else None

    def sort(self, column: int, order: Any = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, as a click on its head asks for."""
        self.layoutAboutToBeChanged.emit()
        self._sorted = (column, order)
        self._sort()
        self.layoutChanged.emit()

    def _sort(self) -> None:
        column, direction = self._sorted
        if not 0 <= column < len(self._columns):
            return
        self.order = np.sort(self.order)
        values = self._columns[column][1][self.order]
        # what others wrote may be words for some objects and nothing for the rest
        by = np.argsort(values.astype(str) if values.dtype == object else values, kind="stable")
        self.order = self.order[by]
        if direction == Qt.SortOrder.DescendingOrder:
            self.order = self.order[::-1]
