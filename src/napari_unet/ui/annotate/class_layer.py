"""A label layer of classes that follows from the objects and their classes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels
from napari.utils.colormaps import DirectLabelColormap
from qtpy.QtCore import QObject, QTimer

from napari_unet.ui.annotate.annotation_layers import LINK
from napari_unet.ui.layers.geometry import geometry
from napari_unet.ui.work.threads import Latest

Region = tuple[Any, ...]
WHOLE: Region = (...,)
DELAY = 200
"""Milliseconds after the last change."""


class ClassLayer(QObject):
    """Keeps the layer of classes up to date, for annotations of more than one class.

    Parameters
    ----------
    viewer
        The viewer to which the layer is added.
    layer
        The objects of an annotation.
    """

    def __init__(self, viewer: ViewerModel, layer: Labels) -> None:
        super().__init__()
        self._viewer, self._layer = viewer, layer
        self._pending: Region | None = None
        self.latest = Latest(self)
        self.latest.returned.connect(self._show)
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self._submit)

    def update(self, region: Region = WHOLE) -> None:
        """Bring a part of the layer up to date soon."""
        if len(self._link["class_names"]) < 2 and self._link["semantic"] is None:
            return
        self._pending = region if self._pending in (None, region) else WHOLE
        self._timer.start()

    def recolour(self) -> None:
        """Show the colours and names of the classes."""
        if self._link["semantic"] is not None:
            self._link["semantic"].colormap = self._colours()

    def quit(self) -> None:
        """Do nothing any more."""
        self._timer.stop()
        self.latest.quit()

    @property
    def _link(self) -> dict[str, Any]:
        return self._layer.metadata[LINK]

    def _submit(self) -> None:
        region = WHOLE if self._pending is None else self._pending
        objects = np.array(self._layer.data[region])
        self.latest.submit(partial(_classes, objects, dict(self._link["classes"]), region))

    def _show(self, result: tuple[Region, np.ndarray]) -> None:
        region, classes = result
        semantic = self._link["semantic"]
        if semantic is None:
            semantic = self._link["semantic"] = self._new()
        semantic.data[region] = classes
        semantic.refresh()
        if self._pending == region:
            self._pending = None

    def _new(self) -> Labels:
        layer = Labels(
            np.zeros(self._layer.data.shape, np.uint8),
            name=f"{self._link['image']} classes",
            visible=False,
            colormap=self._colours(),
            metadata={key: value for key, value in self._layer.metadata.items() if key != LINK},
            **geometry(self._layer),
        )
        active = self._viewer.layers.selection.active
        self._viewer.layers.insert(self._viewer.layers.index(self._layer), layer)
        self._viewer.layers.selection.active = active
        return layer

    def _colours(self) -> DirectLabelColormap:
        colours = dict(enumerate(self._link["class_colours"], 1))
        return DirectLabelColormap(color_dict={None: "transparent", 0: "transparent"} | colours)


def _classes(
    objects: np.ndarray, classes: Mapping[int, int], region: Region
) -> tuple[Region, np.ndarray]:
    result = (objects > 0).astype(np.uint8)
    for value in set(classes.values()) - {1}:
        numbers = [number for number, found in classes.items() if found == value]
        result[np.isin(objects, np.array(numbers, objects.dtype))] = value
    return region, result
