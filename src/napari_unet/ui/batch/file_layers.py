"""Images of files and what was found in them, as layers."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from napari.components import ViewerModel
from napari.layers import Layer
from qtpy.QtCore import QObject

from napari_unet.io.picture import Picture
from napari_unet.ui.layers.metadata import result_name
from napari_unet.ui.layers.picture_layers import image_layers, labels_layer
from napari_unet.ui.work.threads import LatestOnly

if TYPE_CHECKING:
    from napari_unet.scale.batch.steps import Batch


Read = tuple[Path, Picture, Picture | None]


class FileLayers(QObject):
    """Reads an image and its labels in a worker and adds them to the viewer.

    Attributes
    ----------
    latest
        What runs beside the window.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = viewer
        self._shown: dict[Path, list[Layer]] = {}
        self.latest = LatestOnly(self)
        self.latest.returned.connect(self._add)

    def open(self, file: Path, batch: Batch, name: str) -> None:
        """Add an image of a batch and its instances, which replace those of an earlier time."""
        self.latest.submit(partial(_read, file, batch, name))

    def _add(self, read: Read) -> None:
        file, image, labels = read
        for layer in self._shown.pop(file, []):
            if layer in self._viewer.layers:
                self._viewer.layers.remove(layer)
        layers = [Layer.create(*each) for each in image_layers(image)]
        if labels is not None:
            named = replace(labels, name=result_name(image.name, "instances"))
            layers.append(Layer.create(*labels_layer(named)))
        self._shown[file] = layers
        for layer in layers:
            self._viewer.add_layer(layer)


def _read(file: Path, batch: Batch, name: str) -> Read:
    from napari_unet.io.read import (  # noqa: PLC0415 - loads all readers
        read_image,
        read_label_image,
    )
    from napari_unet.scale.batch.batch import possible_results  # noqa: PLC0415

    written = [files["instances"] for files in possible_results(batch, name)]
    there = [path for path in written if path.exists()]
    return file, read_image(file), read_label_image(there[0]) if there else None
