"""Images of files and what was found in them, as layers."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from qtpy.QtCore import QObject

from napari_unet.io.picture import Picture
from napari_unet.io.read import read_image
from napari_unet.ui.worker import Latest

if TYPE_CHECKING:
    from napari_unet.scale.batch import Batch

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
        self.latest = Latest(self)
        self.latest.returned.connect(self._add)

    def open(self, file: Path, batch: Batch, name: str) -> None:
        """Add an image of a batch and its instances, which replace those of an earlier time."""
        self.latest.submit(partial(_read, file, batch, name))

    def _add(self, read: Read) -> None:
        file, image, labels = read
        for layer in self._shown.pop(file, []):
            if layer in self._viewer.layers:
                self._viewer.layers.remove(layer)
        rgb = (image.axes or "")[-1:] == "C" and image.data.shape[-1] == 3
        layers: list[Layer] = [Image(image.data, name=image.name, rgb=rgb, **_place(image, rgb))]
        if labels is not None:
            name = f"{image.name} instances"
            layers.append(Labels(labels.data, name=name, **_place(labels)))
        self._shown[file] = layers
        for layer in layers:
            self._viewer.add_layer(layer)


def _read(file: Path, batch: Batch, name: str) -> Read:
    from napari_unet.scale.batch_task import result_files  # noqa: PLC0415

    labels = result_files(batch, name)["instances"]
    return file, read_image(file), read_image(labels) if labels.exists() else None


def _place(picture: Picture, rgb: bool = False) -> dict[str, Any]:
    axes = (picture.axes or "")[: picture.data.ndim - rgb].lower()
    if not axes:
        return {}
    sizes = dict(zip([each for each in axes if each in "zyx"], picture.spacing or (), strict=False))
    units = {"units": tuple("micrometer" if each in sizes else "pixel" for each in axes)}
    scale = {"scale": tuple(sizes.get(each, 1) for each in axes)}
    return {"axis_labels": tuple(axes)} | (scale | units if sizes else {})
