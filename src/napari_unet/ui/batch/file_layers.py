"""Images of files and what was found in them, as layers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.components import ViewerModel
from napari.layers import Layer
from qtpy.QtCore import QObject

from napari_unet.io.picture import Picture
from napari_unet.ui.layers.metadata import result_name
from napari_unet.ui.layers.picture_layers import image_layers, labels_layer
from napari_unet.ui.work.threads import LatestOnly

if TYPE_CHECKING:
    from napari_unet.scale.batch.steps import Batch


Read = tuple[Path, Picture, Picture | None, tuple[int, ...]]
"""A file, what is in it and its labels, and when both were written."""


@dataclass
class _Opened:
    """Layers of a file, when it and its labels were written, and whether somebody has painted."""

    layers: list[Layer]
    written: tuple[int, ...]
    painted: bool = False

    def touch(self, _: Any = None) -> None:
        self.painted = True


class FileLayers(QObject):
    """Reads an image and its labels in a worker and adds them to the viewer.

    Attributes
    ----------
    latest
        What runs beside the window.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self._layers = viewer.layers
        self._opened: dict[Path, _Opened] = {}
        self.latest = LatestOnly(self)
        self.latest.returned.connect(self._add)

    def open(self, file: Path, batch: Batch, name: str) -> None:
        """Show an image of a batch and its instances: those that are open, unless made anew.

        What was opened at an earlier time and is made anew is replaced, but kept beside the new
        where somebody has painted in it.
        """
        self.latest.submit(partial(_read, file, batch, name))

    def _add(self, read: Read) -> None:
        file, image, labels, written = read
        before = self._opened.get(file)
        there = [] if before is None else [each for each in before.layers if each in self._layers]
        if before is not None and (there, written) == (before.layers, before.written):
            self._bring_up(there)
            return
        if before is not None and not before.painted:
            for layer in there:
                self._layers.remove(layer)
        layers = [Layer.create(*each) for each in image_layers(image)]
        opened = self._opened[file] = _Opened(layers, written)
        if labels is not None:
            named = replace(labels, name=result_name(image.name, "instances"))
            objects = Layer.create(*labels_layer(named))
            objects.events.data.connect(opened.touch)
            objects.events.paint.connect(opened.touch)
            layers.append(objects)
        for layer in layers:
            self._layers.append(layer)

    def _bring_up(self, layers: list[Layer]) -> None:
        """Lay layers above all others, where they are seen."""
        for layer in layers:
            self._layers.move(self._layers.index(layer), len(self._layers))
            layer.visible = True
        self._layers.selection.active = layers[-1]


def _read(file: Path, batch: Batch, name: str) -> Read:
    from napari_unet.io.read import read_image, read_label_image  # noqa: PLC0415 - loads all readers
    from napari_unet.scale.batch.batch import possible_results  # noqa: PLC0415

    written = [files["instances"] for files in possible_results(batch, name)]
    there = [path for path in written if path.exists()]
    when = tuple(path.stat().st_mtime_ns for path in (file, *there[:1]))
    return file, read_image(file), read_label_image(there[0]) if there else None, when
