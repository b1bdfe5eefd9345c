"""What was measured: a column as colours, histogram and table."""

from __future__ import annotations

from typing import Any

import numpy as np
from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_unet.core.words import counted
from napari_unet.ui.measure.changes import OLD
from napari_unet.ui.measure.columns import leading, shown_by, title
from napari_unet.ui.measure.histogram import Histogram
from napari_unet.ui.measure.look import MOST, mean_by_label
from napari_unet.ui.measure.proofread.box import ProofreadBox
from napari_unet.ui.measure.saving import ask_and_save
from napari_unet.ui.measure.table import ObjectTable
from napari_unet.ui.widgets.layout import beside, rows
from napari_unet.ui.widgets.words import Words


class MeasuredBox(QWidget):
    """Shows the column that is chosen, and which objects are in the range.

    Attributes
    ----------
    changed
        Emitted when objects are to be coloured otherwise, or others are to be hidden.
    column, colour
        Which column is shown, and whether objects are coloured by it.
    every
        Whether the table shows all columns.
    proof
        Leads through the objects one after the other.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.table: dict[str, np.ndarray] = {}
        self.column, self.colour = QComboBox(), QCheckBox("Colour objects by it")
        self.column.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.colour.setChecked(True)
        self.histogram, self.objects = Histogram(), ObjectTable()
        self.told = Words(lines=1)
        self.all, self.away = QPushButton("Show all"), QPushButton("Take hidden ones away")
        self.away.setToolTip("Move the objects that are hidden into a layer of their own.")
        self.save, self.saved = QPushButton("Save table…"), Words()
        self.save.setToolTip("All columns of the objects in the range, as CSV.")
        self._old = False
        self.proof = ProofreadBox()
        self.every = QCheckBox("All columns in the table")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(rows(("Show", self.column)))
        parts = (self.colour, self.histogram, self.told, beside(self.all, self.away))
        for part in (*parts, self.objects, self.proof, self.save, self.saved):
            layout.addWidget(part)
        self.column.currentIndexChanged.connect(self._chosen)
        self.histogram.changed.connect(self._ranged)
        self.colour.toggled.connect(self.changed)
        self.every.toggled.connect(self._fill)
        self.all.clicked.connect(self._chosen)

    def show_table(self, table: dict[str, Any], *, old: bool = False) -> None:
        """Show another table, of the same column if it has that; `old` if it is of old objects."""
        before = self.column.currentData()
        self.table, self._old = table, old
        blocked = self.column.blockSignals(True)
        self.column.clear()
        for name in shown_by(table):
            self.column.addItem(title(name, table), name)
        self.column.setCurrentIndex(max(0, self.column.findData(before)))
        self.column.blockSignals(blocked)
        self._chosen()
        self.show()

    def tell_old(self) -> None:
        """Say that the numbers are those of earlier objects."""
        self._old = True
        self.told.setText(OLD)

    def save_table(self) -> None:
        """Ask for a file, and write all columns of the objects in the range to it.

        Raises
        ------
        UserError
            If the file cannot be written.
        """
        self.saved.clear()
        self.saved.setText(ask_and_save(self, self.table, self._kept()))

    def by_label(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the objects, what is shown of each, and whether it is outside of the range."""
        numbers, values = mean_by_label(self.table["label"], self._values())
        low, high = self.histogram.limits
        everything = low == -np.inf and high == np.inf
        inside = (values >= low) & (values <= high)
        return numbers, values, np.zeros(len(numbers), bool) if everything else ~inside

    def _values(self) -> np.ndarray:
        return np.asarray(self.table[self.column.currentData()], float)

    def _chosen(self) -> None:
        if self.table and self.column.currentData() is not None:
            self.histogram.show_values(mean_by_label(self.table["label"], self._values())[1])
            self._ranged()

    def _ranged(self) -> None:
        self._fill()
        numbers, _, hidden = self.by_label()
        count = int(np.count_nonzero(hidden))
        told = counted(len(numbers), "object")
        told = f"{len(numbers) - count:,} of {told} in the range" if count else told
        high = f"; numbers above {MOST:,} cannot be coloured or hidden"
        told += high * bool(numbers.max(initial=0) > MOST)
        self.told.setText(OLD if self._old else told)
        self.saved.clear()
        self.away.setEnabled(bool(count))
        self.changed.emit()

    def _fill(self) -> None:
        if not self.table:
            return
        lead, names = leading(self.table), [self.column.currentData()]
        if self.every.isChecked():
            names = [each for each in self.table if each not in (*lead, "index")]
        shown = [(title(each, self.table), self.table[each]) for each in (*lead, *names)]
        self.objects.rows.show_columns(shown, self._kept())

    def _kept(self) -> np.ndarray:
        """Return which rows are of objects in the range."""
        numbers, _, hidden = self.by_label()
        return ~np.isin(self.table["label"], numbers[hidden])
