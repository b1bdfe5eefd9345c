"""A combobox of the models there are, with an entry to look for a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from magicgui.widgets import ComboBox
from psygnal import Signal
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QSizePolicy

from napari_unet.core.errors import UserError
from napari_unet.runs.config import AUTOMATIC
from napari_unet.storage.model_header import (
    bundled_models,
    known_models,
    read_header,
    scratch_header,
)
from napari_unet.ui.widgets.models.actions import ACTIONS, STARTS, models_changed
from napari_unet.ui.widgets.models.listed_anew import ListedAnew, gone
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.error_line import show_error_of, try_in
from napari_unet.ui.work.settings import folder_changed


class ModelBox(ComboBox):
    """Chooses a model; reads only its header, so that torch is not needed.

    `value` is the name of a model that has one, such as ``"nuclei"``, the `Path` of any other, or
    what a network from scratch is called in the list.

    Parameters
    ----------
    connections
        Where the connection to the list of models is kept.
    scratch
        Also offer networks that have not learnt anything yet and, first, to choose by itself.

    Attributes
    ----------
    chosen
        Emitted when another model was chosen, and its header was read.
    connections
        As given.
    """

    chosen = Signal()

    def __init__(self, connections: Connections, *, scratch: bool = False) -> None:
        self.connections, self._presets = connections, STARTS if scratch else {}
        self._files, self._added = dict[Any, Path](), list[Path]()
        self._choice: Any = None
        self._header: dict[str, Any] | None = None
        super().__init__()
        self.native.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.native.activated.connect(self._activated)
        ListedAnew(self.native, self.reset_choices)
        self.changed.connect(self._read)
        connections.add(models_changed, self.reset_choices)
        connections.add(folder_changed, self.reset_choices)

    def path(self) -> Path | None:
        """Return the chosen model's file; None if none is chosen, or a network from scratch."""
        return self._files.get(self._choice)

    def preset(self) -> str | None:
        """Return the name of the chosen network from scratch; None if a model is chosen."""
        return self._presets.get(self._choice)

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
        if path not in self._files.values():
            self._added.append(path)
            self.reset_choices()
        self.value = next(value for value, file in self._files.items() if file == path)
        if header != self._header:  # the file was replaced by another of its name
            self._take(self.value, header)

    def reset_choices(self, *_: Any) -> None:
        """List the models anew; what is chosen stays chosen."""
        with self.changed.blocked():
            self.native.clear()
            self._fill()
            self._go_back()
        self._read(self.value)

    def _fill(self) -> None:
        first, known, chosen = [AUTOMATIC, *bundled_models()], known_models(), self.path()
        if chosen and chosen not in (*known.values(), *self._added) and chosen.exists():
            self._choice, self._added = chosen, [*self._added, chosen]  # of another folder now
        self._added = [file for file in self._added if file.exists()]
        self._files = known | {file: file for file in self._added}
        for name in sorted([*self._presets, *known], key=lambda each: each not in first):
            self.native.addItem(name, name)
        for file in self._added:
            self.native.addItem(file.stem, file)
            self.native.setItemData(self.native.count() - 1, str(file), Qt.ItemDataRole.ToolTipRole)
        for action in ACTIONS:
            self.native.addItem(action, action)

    def _activated(self, row: int) -> None:
        if (action := self.native.itemData(row)) in ACTIONS:
            self._go_back()
            try_in(self.native, partial(ACTIONS[action], self))

    def _go_back(self) -> None:
        if self._choice in self.choices:
            self.value = self._choice
        elif self._choice is not None:
            show_error_of(self.native, gone(self._choice, self.native.currentText()))

    def _read(self, value: Any) -> None:
        """Read what a model says about itself; where that fails, the one before stays chosen."""
        if value in (*ACTIONS, self._choice):
            return
        try:
            preset = self._presets.get(value)
            header = scratch_header(preset) if preset else read_header(self._files[value])
        except UserError as error:
            self._go_back()
            show_error_of(self.native, error)
        else:
            self._take(value, header)

    def _take(self, value: Any, header: dict[str, Any]) -> None:
        self._choice, self._header = value, header
        self.chosen.emit()
