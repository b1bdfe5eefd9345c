"""The classes of an annotation: their names and colours, and which one is given."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QColor, QIcon, QPixmap
from qtpy.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_unet.core.annotation.annotation import usual_class
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.work.error_line import ErrorLine

NAME, COLOUR, KEY = range(3)
MOST = 9
"""Classes that have a shortcut, and that there may be."""


class ClassTable(QWidget):
    """Edits the classes of an annotation in place.

    Parameters
    ----------
    line
        Where it is said what went wrong.

    Attributes
    ----------
    edited
        A name or a colour was changed, or a class was added.
    """

    edited = Signal()

    def __init__(self, line: ErrorLine) -> None:
        super().__init__()
        self._line = line
        self._parts: AnnotationLayers | None = None
        self.table = QTableWidget(0, 3)
        self.table.setHorizontalHeaderLabels(["Class", "Colour", "Shortcut"])
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (COLOUR, KEY):
            self.table.setColumnWidth(column, 66)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setFixedHeight(112)
        self.table.setIconSize(QSize(48, 16))
        self.table.setToolTip(
            "New objects get the chosen class. Double-click a name or a colour to change it."
        )
        self.add, self.remove = QPushButton("Add"), QPushButton("Remove")
        self.give = QPushButton("Give to picked  (A)")
        for button in (self.add, self.remove, self.give):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.add.setToolTip("Add a class.")
        self.remove.setToolTip("Remove the chosen class, until Ctrl+Z; its objects get the first.")
        self.give.setToolTip("Give the chosen class to the picked objects.")
        self._lay_out()
        self.add.clicked.connect(self._add)
        self.table.itemChanged.connect(self._renamed)
        self.table.cellDoubleClicked.connect(self._double_clicked)

    def show_classes(self, parts: AnnotationLayers) -> None:
        """Show the classes of an annotation, which are edited in place."""
        chosen, self._parts = self.chosen(), parts
        blocked = self.table.blockSignals(True)
        self.table.setRowCount(len(parts.class_names))
        for row, name in enumerate(parts.class_names):
            self.table.setItem(row, NAME, QTableWidgetItem(name))
            self.table.setItem(row, COLOUR, self._fixed("", parts.class_colours[row]))
            self.table.setItem(row, KEY, self._fixed(f"Ctrl+{row + 1}"))
        self.choose(min(chosen, len(parts.class_names)))
        self.table.blockSignals(blocked)
        self.add.setEnabled(len(parts.class_names) < MOST)
        self.remove.setEnabled(len(parts.class_names) > 1)

    def chosen(self) -> int:
        """Return the number of the chosen class, from 1 on."""
        return max(self.table.currentRow(), 0) + 1

    def choose(self, number: int) -> None:
        """Choose a class; a number that is not there chooses nothing new."""
        if 0 < number <= self.table.rowCount():
            self.table.setCurrentCell(number - 1, NAME)

    def name(self, number: int) -> str:
        """Return a class's name."""
        names = [] if self._parts is None else self._parts.class_names
        return names[number - 1] if 0 < number <= len(names) else usual_class(number)

    def set_colour(self, number: int, colour: str) -> None:
        """Give a class another colour."""
        if self._parts is not None:
            self._parts.class_colours[number - 1] = colour
            self._tell(self._parts)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for button in (self.add, self.remove, self.give):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        layout.addLayout(row)

    def _fixed(self, text: str, colour: str = "") -> QTableWidgetItem:
        item = QTableWidgetItem(text)
        item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
        if colour:
            swatch = QPixmap(48, 16)
            swatch.fill(QColor(colour))
            item.setIcon(QIcon(swatch))
        return item

    def _add(self) -> None:
        if self._parts is not None:
            number = self._parts.add_class()
            self._tell(self._parts)
            self.choose(number)

    def _renamed(self, item: QTableWidgetItem) -> None:
        if self._parts is not None and item.column() == NAME:
            number, name = item.row() + 1, item.text().strip()
            rename = self._parts.rename_class
            self._line.run(partial(rename, number, name or usual_class(number)))
            self._tell(self._parts)

    def _double_clicked(self, row: int, column: int) -> None:
        if self._parts is not None and column == COLOUR:
            colour = QColorDialog.getColor(QColor(self._parts.class_colours[row]), self)
            if colour.isValid():
                self.set_colour(row + 1, colour.name())

    def _tell(self, parts: AnnotationLayers) -> None:
        self.show_classes(parts)
        self.edited.emit()
