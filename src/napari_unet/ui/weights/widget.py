"""The *Weight map* widget: how much each pixel of an annotation counts in training."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from napari.layers import Image, Labels
from napari.utils.notifications import show_info
from napari.viewer import Viewer
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QFileDialog

from napari_unet.core.annotation.annotation import Annotation
from napari_unet.core.errors import UserError
from napari_unet.core.progress import Steps
from napari_unet.core.targets.annotation_weight import WeightMapRequest, weight_steps
from napari_unet.storage.names import asked_file
from napari_unet.ui.annotate.annotation_copies import (
    change_events,
    chunked_annotation,
    painted_layers,
)
from napari_unet.ui.annotate.annotation_layers import annotation_layers
from napari_unet.ui.layers.axes import image_axes, voxel_of
from napari_unet.ui.layers.below import label_axes, lie_on, place_axes, told_axes
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.in_view import Undos
from napari_unet.ui.layers.labels import chunked_layer_copy
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.weights.brush import WeightBrush
from napari_unet.ui.weights.form import WeightsForm, apply_button
from napari_unet.ui.weights.heat import heat_scale
from napari_unet.ui.weights.layer import WeightLayer, write_steps
from napari_unet.ui.weights.weight_in_view import ViewWeight, ViewWork, chunked_view, weighable
from napari_unet.ui.widgets.objects.likely_image import likely_image
from napari_unet.ui.work.copies import ChunkedCopier
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.progress_row import ProgressRow
from napari_unet.ui.work.threads import LatestOnly
from napari_unet.ui.work.working_widget import WorkingWidget

REST = 50
"""Milliseconds that the view must rest before it is computed."""
ONLY_OBJECTS = (
    "No background counts here yet: draw a training rectangle around the objects, or mark some "
    "background."
)
OLD = "The objects or the settings have changed since the weight map was made: click Apply first."


class WeightMapWidget(WorkingWidget):
    """Shows, computes, lets paint on and exports the weight map of an annotation.

    Parameters
    ----------
    napari_viewer
        The viewer whose annotations are weighed.

    Attributes
    ----------
    labels
        The objects that are chosen, as `value`, to be read and set.
    """

    title = "Weight map"

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__(apply_button(), ProgressRow("planes"))
        self._viewer = self.attach(napari_viewer)
        self._maps: WeakKeyDictionary[Labels, WeightLayer] = WeakKeyDictionary()
        self._watched = Connections()
        self._factors: np.ndarray | None = None
        self._changes = 0
        self.form = WeightsForm(self._viewer, self)
        self.form.put_into(self)
        self.labels = self.form.labels
        self._viewing, self.latest = ChunkedCopier(self), LatestOnly(self, self.error.show_live)
        self.brush, self._rest = WeightBrush(), QTimer(self)
        self._rest.setSingleShot(True)
        self._connect()
        self._chosen(self.form.labels.value)

    def release(self) -> None:
        """Stop what is running and let go of the viewer."""
        super().release()
        self._watched.undo()
        self.brush.attach(None)

    def map(self) -> WeightLayer | None:
        """Return the weight map of the chosen objects; None where none are chosen."""
        layer = self.form.labels.value
        return None if layer is None else self._maps.setdefault(layer, WeightLayer(layer))

    def _connect(self) -> None:
        form = self.form
        self.connections.jobs += [self._viewing, self.latest]
        self.latest.returned.connect(self._show)
        self._rest.timeout.connect(self._update)
        form.labels.changed.connect(self._chosen)
        form.changed.connect(self._changed)
        self.on_click(self.button, self._apply)
        form.paint.toggled.connect(self._paint)
        form.undo.clicked.connect(self.brush.undo)
        form.brush_changed.connect(self.brush.set_tip)
        self.brush.painted.connect(self._tell)
        self.brush.undone.connect(self._update)
        self.on_click(form.export, self._export, form.export_error)
        camera = getattr(self._viewer, "scene", self._viewer).camera  # as before napari 0.9
        dims = self._viewer.dims.events
        for event in (camera.events.center, camera.events.zoom, dims.current_step, dims.order):
            self.connections.add(event, self._moved)
        self.connections.add(self._viewer.layers.events.removed, self._removed)
        self.connections.add(self._tab.turned, self._moved)
        canvas = getattr(self._viewer, "canvas", None)  # from napari 0.9 on
        if canvas is not None:
            self.connections.add(canvas.events.size, self._moved)

    def _chosen(self, layer: Labels | None) -> None:
        self.form.paint.setChecked(False)
        self._show_only(layer)
        self._watched.undo()
        self._watched = Connections()
        for event in () if layer is None else change_events(layer):
            self._watched.add(event, self._repainted)
        for painted in () if layer is None else painted_layers(layer):
            shown_anew = partial(self._shown_anew, Undos(self._viewer, painted))
            self._watched.add(painted.events.set_data, shown_anew)
        axes = "" if layer is None else self._axes(layer)
        deep = layer is not None and "Z" in axes and pixels_in(layer).shape[axes.index("Z")] > 1
        self.form.show_depth(deep, self._voxel(layer) if layer is not None and deep else ())
        self._repainted()

    def _axes(self, layer: Labels) -> str:
        """Name the axes of labels; where they do not, those of the image that is likely theirs."""
        if not told_axes(layer):
            images = [each for each in self._viewer.layers if isinstance(each, Image)]
            plain = [each for each in images if MADE not in each.metadata]
            lie_on(layer, likely_image(layer, plain))
        return label_axes(layer)

    def _show_only(self, layer: Labels | None) -> None:
        """Hide the maps of other objects: one over the other, nobody knows which is which."""
        for objects, found in self._maps.items():
            if found.layer in self._viewer.layers:
                found.layer.visible = objects is layer

    def _voxel(self, layer: Labels) -> tuple[float, ...]:
        """Return the sides of a voxel of the annotated image, or of labels without an image."""
        parts = annotation_layers(layer)
        image = None if parts is None else parts.image_in(self._viewer.layers)
        if image is None:
            return voxel_of(layer, place_axes(layer))
        try:
            axes = image_axes(image, pixels_in(layer).shape)
        except UserError:  # the image has got pixels of another shape since
            return voxel_of(layer, place_axes(layer))
        return voxel_of(image, axes)

    def _changed(self) -> None:
        found = self.map()
        if found is not None:
            found.deleted = False
        self._update()

    def _shown_anew(self, undos: Undos, event: Any = None) -> None:
        if undos.happened():
            self._repainted()

    def _repainted(self, event: Any = None) -> None:
        self._changes += 1
        self._factors, found = None, self.map()
        if found is not None:
            found.current = None
        self.copying.again()
        self._moved()

    def _moved(self, event: Any = None) -> None:
        self._rest.start(REST)

    def _removed(self, event: Any) -> None:
        found = self.map()
        if found is not None and event.value is found.layer:
            self.form.paint.setChecked(False)
            found.deleted = True

    def _request(self) -> tuple[Labels, WeightMapRequest]:
        layer = self.form.labels.value
        if layer is None:
            raise UserError("There are no objects to weigh: choose or paint a layer of labels.")
        return layer, WeightMapRequest(label_axes(layer), self.form.ndim(), self.form.config())

    def _update(self, _: Any = None) -> None:
        found, wanted = self.map(), self.form.live.isChecked() and not self.running
        if found is None or found.deleted or found.painted or not wanted or self._unasked():
            return
        self.error.live(partial(self._weigh_view, found))

    def _unasked(self) -> bool:
        """Return whether nobody has asked for a first map: behind a tab, or of hidden labels."""
        layer, found = self.form.labels.value, self.map()
        if layer is None or found is None or found.layer is not None:
            return False
        hidden = not layer.visible and annotation_layers(layer) is None
        return hidden or not self._tab.in_front

    def _weigh_view(self, found: WeightLayer) -> None:
        layer, request = self._request()
        if request == found.current:
            self.error.forget_live()
        else:
            copy = partial(chunked_view, self._viewer, layer, request, self._factors)
            self._viewing.begin(copy, partial(self._weigh, found), self.error.show_live)

    def _weigh(self, found: WeightLayer, work: ViewWork | None) -> None:
        if work is not None:
            self.latest.submit(lambda: (found, work.request, work.done()))

    def _show(self, result: tuple[WeightLayer, WeightMapRequest, ViewWeight]) -> None:
        found, request, view = result
        over = self.closed or self.running or found.painted or found.deleted
        if over or not found.of(self._viewer):
            return
        self.error.forget_live()
        if request.config.class_balance:
            self._factors = view.factors
        scale = heat_scale(request.config, view.values, view.factors)
        found.show(self._viewer, view.values, view.low, scale)
        self._tell("" if view.background else ONLY_OBJECTS)

    def _apply(self, then: Callable[[], None] | None = None) -> None:
        found = self.map()
        if self.running:
            return
        layer, request = self._request()
        self._forget_view()

        check = weighable(layer)

        def steps(annotation: Annotation) -> Steps[np.ndarray]:
            loaded = annotation.loaded()
            check(loaded.instances)
            return weight_steps(loaded, request)

        applied = partial(self._applied, found, (request, self._changes), then)
        self.work_on(partial(chunked_annotation, layer), steps, applied, "Weighing")

    def _applied(
        self,
        found: Any,
        asked: tuple[WeightMapRequest, int],
        then: Callable[[], None] | None,
        values: np.ndarray,
    ) -> None:
        if not found.of(self._viewer):
            return
        request, changes = asked
        found.show(self._viewer, values, (), heat_scale(request.config, values, self._factors))
        if changes == self._changes:
            found.current = request
        else:  # somebody has painted meanwhile
            self._moved()
        self._tell()
        if then is not None:
            then()

    def _paint(self, on: bool) -> None:
        found = self.map()
        if on and (found is None or not found.ready):
            self.form.paint.setChecked(False)
            then = partial(self.form.paint.setChecked, True)
            self.do(partial(self._apply, then), self.form.paint_error)
            return
        self.brush.attach(found.layer if on and found else None)
        if on and found:
            self._forget_view()
            self._viewer.layers.selection.active = found.layer

    def _forget_view(self) -> None:
        self._viewing.quit()
        self.latest.quit()

    def _tell(self, text: str = "") -> None:
        found = self.map()
        if found is not None and found.painted:
            text = f"“{found.layer.name}” is kept as you painted it. Apply makes a new one."
        self.form.say(text)
        self.form.undo.setEnabled(self.brush.can_undo)

    def _export(self) -> None:
        found = self.map()
        if found is None or not found.complete:
            raise UserError("The weight map is not complete: click Apply first.")
        if not found.painted and found.current != self._request()[1]:
            raise UserError(OLD)
        named, _ = QFileDialog.getSaveFileName(self, "Export", "", "TIFF (*.tif *.tiff)")
        if named and not self.running:
            write = partial(write_steps, asked_file(named, ".tif", ".tiff"))
            copy = partial(chunked_layer_copy, found.layer)
            self.work_on(copy, write, self._written, "Exporting")

    def _written(self, path: Path) -> None:
        show_info(f"Wrote {path.name} to {path.parent}.")
