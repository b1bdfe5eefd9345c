"""What *File > IO Utilities* offers: to share, and to open what was shared."""

from __future__ import annotations

from pathlib import Path

import napari
from napari.utils.notifications import show_error
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_unet.core.errors import UserError
from napari_unet.storage.crate.metadata import METADATA
from napari_unet.storage.crate.read import read_crate
from napari_unet.ui.share.open_dialog import OpenDialog
from napari_unet.ui.share.share_dialog import ShareDialog
from napari_unet.ui.work.errors import told
from napari_unet.ui.work.settings import use_folder

_KIND = f"Shared packages (*.zip {METADATA})"


def share() -> ShareDialog:
    """Ask what is to be shared, and write it."""
    use_folder()
    dialog = ShareDialog(_window())
    dialog.open()
    return dialog


def open_shared() -> OpenDialog | None:
    """Ask for a package, show what is in it, and lay it where it belongs."""
    use_folder()
    chosen, _ = QFileDialog.getOpenFileName(_window(), "Open what was shared", "", _KIND)
    if not chosen:
        return None
    return show(Path(chosen).parent if Path(chosen).name == METADATA else Path(chosen))


def show(package: Path) -> OpenDialog | None:
    """Show what is in a package, also one that was dropped on the window."""
    use_folder()
    try:
        dialog = OpenDialog(_window(), package, read_crate(package))
    except UserError as error:
        show_error(told(error))
        return None
    dialog.open()
    return dialog


def _window() -> QWidget | None:
    viewer = napari.current_viewer()
    return None if viewer is None else viewer.window._qt_window
