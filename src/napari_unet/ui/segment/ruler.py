"""The length of an object, drawn by the user as a line across it."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Layer, Shapes
from qtpy.QtCore import QObject, QTimer, Signal

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.channel_axis import kept_axes, made_geometry
from napari_unet.ui.work.dock_widget import Connections

NAME = "draw across an object"


class Ruler(QObject):
    """Adds a layer to draw one line in, and takes the layer away again once it is drawn.

    Attributes
    ----------
    measured
        Emitted with the length of the line in pixels of the image.
    """

    measured = Signal(float)

    def __init__(self, viewer: ViewerModel, connections: Connections) -> None:
        super().__init__()
        self._viewer, self._connections = viewer, connections
        self._before: Layer | None = None
        self.layer: Shapes | None = None
        connections.jobs.append(self)

    def start(self, image: Image, axes: str) -> None:
        """Let the user draw a line over an image.

        Parameters
        ----------
        image
            The image.
        axes
            One letter per axis of its array.

        Raises
        ------
        UserError
            If the viewer shows volumes, in which no line can be drawn.
        """
        if self._viewer.dims.ndisplay == 3:
            raise UserError("A line cannot be drawn in the 3D view: switch to the 2D view first.")
        self.quit()
        self._before = self._viewer.layers.selection.active
        layer = self.layer = Shapes(
            ndim=len(kept_axes(axes, image.ndim)),
            name=NAME,
            edge_color="#ffe000",
            edge_width=2,
            **made_geometry(image, axes),
        )
        self._viewer.add_layer(layer)
        self._viewer.layers.selection.active = layer
        layer.mode = "add_line"
        layer.mouse_drag_callbacks.append(self._dragged)

    def quit(self) -> None:
        """Take the layer away, drawn in or not."""
        layer, self.layer = self.layer, None
        if layer is not None and layer in self._viewer.layers:
            self._viewer.layers.remove(layer)
            if self._before in self._viewer.layers:
                self._viewer.layers.selection.active = self._before

    def _dragged(self, layer: Shapes, event: Any) -> Any:
        """Wait for the end of a drag; the layer goes when napari has done with it."""
        yield
        while event.type == "mouse_move":
            yield
        QTimer.singleShot(0, partial(self._drawn, layer))

    def _drawn(self, layer: Shapes) -> None:
        lines: list[np.ndarray] = [] if self._connections.undone else list(layer.data)
        if layer is not self.layer or not lines:
            return
        length = float(np.linalg.norm(np.ptp(lines[-1], axis=0)))
        self.quit()
        if length >= 1:
            self.measured.emit(length)
