"""A label layer of classes that follows from the objects and their classes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels
from napari.utils.colormaps import DirectLabelColormap
from qtpy.QtCore import QObject, QTimer

from napari_unet.core.config import MOST_CLASSES
from napari_unet.core.instances.labels import class_image
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.layers.geometry import geometry
from napari_unet.ui.layers.in_view import Index
from napari_unet.ui.layers.metadata import ANNOTATION, MADE
from napari_unet.ui.work.copies import ChunkedCopier, chunked_copy
from napari_unet.ui.work.threads import LatestOnly, report

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
        self._parts: AnnotationLayers = layer.metadata[ANNOTATION]
        self._everything: Index = (slice(None),) * layer.ndim
        self._pending: Index | None = None
        self._copier, self.latest = ChunkedCopier(self), LatestOnly(self)
        self.latest.returned.connect(self._show)
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self._copy)

    def update(self, where: Index | None = None) -> None:
        """Bring a part of the layer up to date soon; None for all of it."""
        if len(self._parts.class_names) < 2 and self._parts.semantic is None:
            return
        where = where or self._everything
        self._pending = where if self._pending in (None, where) else self._everything
        self._copier.quit()
        self._timer.start()

    def recolour(self) -> None:
        """Show the colours and names of the classes."""
        if self._parts.semantic is not None:
            self._parts.semantic.colormap = self._colours()

    def quit(self) -> None:
        """Do nothing any more."""
        self._timer.stop()
        self._copier.quit()
        self.latest.quit()

    def _copy(self) -> None:
        where = self._pending or self._everything
        copy = partial(chunked_copy, self._layer.data[where])
        self._copier.begin(copy, partial(self._submit, where), report)

    def _submit(self, where: Index, objects: np.ndarray) -> None:
        self.latest.submit(partial(_classes_in, where, objects, dict(self._parts.classes)))

    def _show(self, result: tuple[Index, np.ndarray]) -> None:
        where, classes = result
        semantic = self._parts.semantic
        if semantic is None:
            semantic = self._add()
        if where == self._everything:
            semantic.data = classes
        else:
            semantic.data[where] = classes
            semantic.refresh()
        if self._pending == where:
            self._pending = None

    def _add(self) -> Labels:
        layer = Labels(
            np.zeros(self._layer.data.shape, np.uint8),
            name=f"{self._parts.name_now()} classes",
            visible=False,
            colormap=self._colours(),
            metadata={MADE: self._layer.metadata[MADE] | {"role": "classes"}},
            **geometry(self._layer),
        )
        self._parts.semantic = layer  # which others ask for as soon as the layer is there
        active = self._viewer.layers.selection.active
        self._viewer.layers.insert(self._viewer.layers.index(self._layer), layer)
        self._viewer.layers.selection.active = active
        return layer

    def _colours(self) -> DirectLabelColormap:
        colours = dict(enumerate(self._parts.class_colours, 1))
        return DirectLabelColormap(color_dict={None: "transparent", 0: "transparent"} | colours)


def _classes_in(
    where: Index, objects: np.ndarray, classes: Mapping[int, int]
) -> tuple[Index, np.ndarray]:
    return where, class_image(objects, classes, MOST_CLASSES + 1)
