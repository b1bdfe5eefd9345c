"""What a list of models offers besides models: to look for a file, and to export the chosen one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import SignalInstance
from qtpy.QtWidgets import QFileDialog, QInputDialog, QWidget

from napari_unet.core.errors import UserError
from napari_unet.storage.model_header import SUFFIX
from napari_unet.storage.package import SUFFIX as PACKED
from napari_unet.storage.package import import_model
from napari_unet.ui.widgets.models.export_dialog import ExportDialog

if TYPE_CHECKING:
    from napari_unet.ui.widgets.models.model_box import ModelBox


models_changed = SignalInstance()
"""To be emitted when a model was added: every `ModelBox` lists it."""
_KIND = f"U-Net Studio models, and packages of bioimage.io (*{SUFFIX} *{PACKED})"


def _browse(box: ModelBox) -> None:
    if file := _asked_for_file(box.native):
        box.add(file)


def _export(box: ModelBox) -> None:
    path = box.path()
    if path is None:
        raise UserError("There is nothing to export before a network has learnt: choose a model.")
    ExportDialog(box.native, path, box.connections).open()


BROWSE, EXPORT = "Browse…", "Export model…"
ACTIONS: dict[str, Callable[[ModelBox], None]] = {BROWSE: _browse, EXPORT: _export}
"""What each of these entries does; a `UserError` is for the user."""


def _asked_for_file(parent: QWidget) -> Path | None:
    """Return the model file that the user chooses; None where none is chosen.

    Parameters
    ----------
    parent
        Over what it is asked.

    Raises
    ------
    UserError
        If a package was chosen whose model cannot be kept.
    """
    chosen, _ = QFileDialog.getOpenFileName(parent, "Choose a model", "", _KIND)
    if not chosen.lower().endswith(PACKED):
        return Path(chosen) if chosen else None
    if kept := _kept(parent, Path(chosen)):
        models_changed.emit()
    return kept


def _kept(parent: QWidget, package: Path) -> Path | None:
    """Keep the model of a package; where its name is taken, ask for another."""
    try:
        return import_model(package)
    except UserError as error:
        if error.about != "name":
            raise
        told = str(error)
    name, given = QInputDialog.getText(parent, "Name of the model", told)
    return import_model(package, name) if given else None
