"""Tells when something in an annotation has changed, by painting, editing or undoing."""

from __future__ import annotations

from typing import Any

from napari.components import ViewerModel
from napari.layers import Labels
from qtpy.QtCore import QObject, Signal

from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.annotate.tools.class_steps import ClassStep
from napari_unet.ui.layers.in_view import Undos
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.work.dock_widget import Connections


class AnnotationWatch(QObject):
    """Watches the layers of one annotation, and changes nothing in them.

    Parameters
    ----------
    viewer
        The viewer, whose current plane says which part was painted.
    layer
        The objects of an annotation.
    connections
        Where the connections to the layers are kept.

    Attributes
    ----------
    painted
        The objects were painted on, in the plane in view.
    replaced
        The objects may have changed anywhere, such as by undoing.
    changed
        Anything has changed: objects, what is known of them, marks or rectangles.
    """

    painted = Signal()
    replaced = Signal()
    changed = Signal()

    def __init__(self, viewer: ViewerModel, layer: Labels, connections: Connections) -> None:
        super().__init__()
        # each layer is shown anew on its own
        self.layer = layer
        parts: AnnotationLayers = layer.metadata[ANNOTATION]
        self._undos = Undos(viewer, layer)
        self._marks_undos = None if parts.marks is None else Undos(viewer, parts.marks)
        connections.add(layer.events.paint, self._paint)
        connections.add(layer.events.set_data, self._refreshed)
        connections.add(layer.events.features, self._tell)
        if parts.marks is not None:
            connections.add(parts.marks.events.paint, self._tell)
            connections.add(parts.marks.events.set_data, self._marks_refreshed)
        if parts.rectangles is not None:
            connections.add(parts.rectangles.events.data, self._tell)

    def look(self) -> None:
        """Tell what was undone while it was hidden, of which napari tells nothing."""
        if self._undos.happened():
            self.replaced.emit()
            self.changed.emit()
        if self._marks_undos is not None and self._marks_undos.happened():
            self.changed.emit()

    def _paint(self, event: Any) -> None:
        if not ClassStep.is_all(event):
            in_plane = self.layer.n_edit_dimensions == 2
            (self.painted if in_plane else self.replaced).emit()
        self.changed.emit()

    def _refreshed(self, event: Any = None) -> None:
        if not self._undos.only_moved():
            self.replaced.emit()
            self.changed.emit()

    def _marks_refreshed(self, event: Any = None) -> None:
        if self._marks_undos is not None and not self._marks_undos.only_moved():
            self.changed.emit()

    def _tell(self, event: Any = None) -> None:
        self.changed.emit()
