"""A line that says under which name a model was kept, and segments with it."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget

from napari_unet.ui.widgets.words import Words


class KeptLine(QWidget):
    """Hidden until a model was kept.

    Attributes
    ----------
    asked
        Brings the file of the model that is to be segmented with.
    """

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.words, self.segment = Words(), QPushButton("Segment with it")
        self.segment.setToolTip("Open the Segment widget, and segment the image with this model.")
        self._path: Path | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.words, 1)
        row.addWidget(self.segment)
        self.segment.clicked.connect(lambda: self.asked.emit(self._path))
        self.hide()

    def show_kept(self, path: Path) -> None:
        """Say that a model was kept in a file."""
        self._path = path
        self.words.setText(f"Kept as “{path.stem}”.")
        self.words.setToolTip(f"The model is kept in {path}.")
        self.show()
