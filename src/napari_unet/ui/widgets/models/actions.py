"""What a list of models offers besides models: networks from scratch, and to browse and export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import SignalInstance
from qtpy.QtWidgets import QFileDialog, QInputDialog, QWidget

from napari_unet.core.config import PRESETS, ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.runs.config import AUTOMATIC
from napari_unet.storage.model_header import SUFFIX, read_header
from napari_unet.storage.package import SUFFIX as PACKED
from napari_unet.storage.package import Package, keep_own, read_package
from napari_unet.storage.programs import check_packable, untrusted
from napari_unet.ui.widgets.models.export_dialog import ExportDialog
from napari_unet.ui.widgets.models.import_dialog import ImportDialog, agreed

if TYPE_CHECKING:
    from napari_unet.ui.widgets.models.model_box import ModelBox


models_changed = SignalInstance()
"""To be emitted when a model was added: every `ModelBox` lists it."""
STARTS = {AUTOMATIC: "compact", **{f"from scratch: {name}": name for name in PRESETS}}
"""What a training may start from that is no model, and which network each is."""
_KIND = f"U-Net Studio models, and packages of bioimage.io (*{SUFFIX} *{PACKED})"


def _browse(box: ModelBox) -> None:
    chosen, _ = QFileDialog.getOpenFileName(box.native, "Choose a model", "", _KIND)
    if chosen.lower().endswith(PACKED):
        _import(box, Path(chosen))
    elif chosen and _may_run(box.native, Path(chosen)):
        box.add(Path(chosen))


def _import(box: ModelBox, path: Path) -> None:
    """Keep the model of a package, and choose it; of another program after a question."""
    package = read_package(path)

    def kept(path: Path) -> None:
        models_changed.emit()
        box.add(path)

    if not package.is_own:
        from napari_unet.nn.foreign.describe import describe  # noqa: PLC0415 - most need it never

        ImportDialog(box.native, describe(package), box.connections, kept).open()
    elif own := _kept(box.native, package):
        kept(own)


def _may_run(parent: QWidget, path: Path) -> bool:
    """Tell whether the network in a model file may be run; that of others only after a question."""
    return not untrusted(read_header(path)) or agreed(parent, path)


def _export(box: ModelBox) -> None:
    path = box.path()
    if path is None:
        raise UserError("There is nothing to export before a network has learnt: choose a model.")
    header = read_header(path)
    check_packable(ModelConfig.from_dict(header["config"]), header["name"])
    ExportDialog(box.native, path, box.connections).open()


BROWSE, EXPORT = "Browse…", "Export model…"
ACTIONS: dict[str, Callable[[ModelBox], None]] = {BROWSE: _browse, EXPORT: _export}
"""What each of these entries does; a `UserError` is for the user."""


def _kept(parent: QWidget, package: Package) -> Path | None:
    """Keep the model of a package; where its name is taken, ask for another."""
    try:
        return keep_own(package)
    except UserError as error:
        if error.about != "name":
            raise
        told = str(error)
    name, given = QInputDialog.getText(parent, "Name of the model", told)
    return keep_own(package, name) if given else None
