"""Settings of a file taken over: of a result, or of what somebody has shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog

from napari_unet.storage.model_header import find_model
from napari_unet.ui.work.settings import usual_tiles

if TYPE_CHECKING:
    from napari_unet.ui.batch.settings_box import SettingsBox


RESULTS = "Results and settings (*_instances.tif *_semantic.tif *_objects.csv *.json)"


def ask_for_settings(box: SettingsBox) -> None:
    """Ask for a file, and show its settings.

    Raises
    ------
    UserError
        If it does not say with what images were segmented, or the model is not there.
    """
    chosen, _ = QFileDialog.getOpenFileName(box, "Take settings from", "", RESULTS)
    if chosen:
        from napari_unet.io.provenance.settings import read_settings  # noqa: PLC0415 - all readers

        used, usual = read_settings(chosen), usual_tiles()
        tiles = used.request.tiles.replace(device=usual.device, memory=usual.memory)
        box.take_over(find_model(used.model.file), used.request.replace(tiles=tiles))
