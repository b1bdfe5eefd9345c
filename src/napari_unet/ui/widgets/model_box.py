"""A combobox of the models there are, with an entry to look for a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import QObject, Qt, Signal
from qtpy.QtWidgets import QComboBox, QFileDialog, QSizePolicy

from napari_unet.core.config import PRESETS, DecodeConfig, NormalizeConfig
from napari_unet.core.errors import UserError
from napari_unet.storage.model_header import SUFFIX, bundled_models, known_models, read_header
from napari_unet.ui.work.threads import report

BROWSE = "Browse…"
_PRESET = Qt.ItemDataRole.UserRole + 1


class _Notice(QObject):
    changed = Signal()


models_changed = _Notice()
"""Its signal `changed` is to be emitted when a model was added: every `ModelBox` lists it."""


class ModelBox(QComboBox):
    """Chooses a model; reads only its header, so that torch is not needed.

    Parameters
    ----------
    scratch
        Also offer networks that have not learnt anything yet.

    Attributes
    ----------
    changed
        Emitted with the header of the model that was chosen.
    """

    changed = Signal(object)

    def __init__(self, *, scratch: bool = False) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._scratch = scratch
        self._header: dict[str, Any] | None = None
        self._before = 0
        self._added: list[Path] = []
        self._fill()
        self.activated.connect(self._activated)
        models_changed.changed.connect(self.refresh)
        if self.path() is not None:
            self._activated(0)

    def path(self) -> Path | None:
        """Return the chosen model's file; None if none is chosen, or a network from scratch."""
        return None if self.currentData() is None else Path(self.currentData())

    def preset(self) -> str | None:
        """Return the name of the chosen network from scratch; None if a model is chosen."""
        return self.currentData(_PRESET)

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
        if self.findData(str(path)) < 0:
            self._added.append(path)
            self.refresh()
        self._choose(self.findData(str(path)), header)

    def refresh(self) -> None:
        """List the models anew; what is chosen stays chosen."""
        path, preset = self.path(), self.preset()
        blocked = self.blockSignals(True)
        self.clear()
        self._fill()
        row = self.findData(preset, _PRESET) if preset else self.findData(str(path))
        self._before = max(row, 0)
        self.setCurrentIndex(self._before)
        self.blockSignals(blocked)
        if row < 0 and self.path() is not None:
            self._activated(0)

    def _fill(self) -> None:
        bundled = bundled_models()
        known = sorted(known_models().items(), key=lambda each: each[0] not in bundled)
        for name, path in known:
            self.addItem(name, str(path))
        for path in self._added:
            self.addItem(path.stem, str(path))
            self.setItemData(self.count() - 1, str(path), Qt.ItemDataRole.ToolTipRole)
        for preset in PRESETS if self._scratch else ():
            self.addItem(f"from scratch: {preset}")
            self.setItemData(self.count() - 1, preset, _PRESET)
        self.addItem(BROWSE)

    def _activated(self, row: int) -> None:
        try:
            if self.itemData(row) is not None:
                self._choose(row, read_header(self.itemData(row)))
            elif self.itemData(row, _PRESET) is not None:
                self._choose(row, _scratch_header(self.itemData(row, _PRESET)))
            else:
                self.setCurrentIndex(self._before)
                self._browse()
        except Exception as error:
            self.setCurrentIndex(self._before)
            report(error)

    def _browse(self) -> None:
        file, _ = QFileDialog.getOpenFileName(
            self, "Choose a model", "", f"U-Net Studio models (*{SUFFIX})"
        )
        if file:
            self.add(Path(file))

    def _choose(self, row: int, header: dict[str, Any]) -> None:
        self._header, self._before = header, row
        self.setCurrentIndex(row)
        self.changed.emit(header)


def _scratch_header(preset: str) -> dict[str, Any]:
    return {
        "name": preset,
        "config": PRESETS[preset].to_dict(),
        "normalize": NormalizeConfig().to_dict(),
        "decode": DecodeConfig().to_dict(),
    }
