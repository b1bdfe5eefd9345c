"""A combobox of the bundled models, with an entry to look for a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QFileDialog, QSizePolicy

from napari_unet.core.errors import UserError
from napari_unet.core.model_header import SUFFIX, bundled_models, read_header
from napari_unet.ui.worker import report

BROWSE = "Browse…"


class ModelBox(QComboBox):
    """Chooses a model; reads only its header, so that torch is not needed.

    Attributes
    ----------
    changed
        Emitted with the header of the model that was chosen.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for name, path in bundled_models().items():
            self.addItem(name, str(path))
        self.addItem(BROWSE)
        self._header: dict[str, Any] | None = None
        self._before = 0
        self.activated.connect(self._activated)
        if self.path() is not None:
            self._activated(0)

    def path(self) -> Path | None:
        """Return the chosen model's file; None if none is chosen."""
        return None if self.currentData() is None else Path(self.currentData())

    def header(self) -> dict[str, Any]:
        """Return what the chosen model says about itself.

        Raises
        ------
        UserError
            If no model is chosen.
        """
        if self._header is None:
            raise UserError("No model is chosen: choose one, or look for a model file.")
        return self._header

    def add(self, path: Path) -> None:
        """Add a model file and choose it.

        Raises
        ------
        UserError
            If it is not a model.
        """
        header = read_header(path)
        row = self.findData(str(path))
        if row < 0:
            row = self.count() - 1
            self.insertItem(row, path.stem, str(path))
        self.setItemData(row, str(path), Qt.ItemDataRole.ToolTipRole)
        self._choose(row, header)

    def _activated(self, row: int) -> None:
        try:
            if self.itemData(row) is not None:
                self._choose(row, read_header(self.itemData(row)))
                return
            self.setCurrentIndex(self._before)
            file, _ = QFileDialog.getOpenFileName(
                self, "Choose a model", "", f"U-Net Studio models (*{SUFFIX})"
            )
            if file:
                self.add(Path(file))
        except UserError as error:
            self.setCurrentIndex(self._before)
            report(error)

    def _choose(self, row: int, header: dict[str, Any]) -> None:
        self._header, self._before = header, row
        self.setCurrentIndex(row)
        self.changed.emit(header)
