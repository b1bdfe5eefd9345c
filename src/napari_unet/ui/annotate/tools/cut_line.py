"""A line that the user draws across an object."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels, Shapes
from qtpy.QtCore import QObject, QTimer, Signal

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.geometry import geometry
from napari_unet.ui.layers.in_view import Index


class CutLine(QObject):
    """Lets one line be drawn in a layer of its own, which is there for as long as that takes.

    Attributes
    ----------
    drawn
        Brings the line's corners, ``(n, ndim)`` in pixels.
    ended
        The line was drawn, or drawing was given up.
    """

    drawn = Signal(object)
    ended = Signal()

    def __init__(self, viewer: ViewerModel, layer: Labels) -> None:
        super().__init__()
        self._viewer, self._layer = viewer, layer
        self._shapes: Shapes | None = None

    @property
    def active(self) -> bool:
        """Whether a line is being drawn."""
        return self._shapes is not None

    def start(self) -> None:
        """Wait for a line: by dragging, or from click to click.

        Raises
        ------
        UserError
            If no plane is in view.
        """
        if self._viewer.dims.ndisplay == 3:
            raise UserError(
                "A line is drawn in a plane, and the stack in 3D is in view: switch back to 2D "
                "first."
            )
        if self._shapes is None:
            self._shapes = Shapes(
                ndim=self._layer.ndim,
                name="cut",
                edge_color="white",
                edge_width=max(pixels_in(self._layer).shape[-2:]) / 250,
                **geometry(self._layer),
            )
            self._viewer.add_layer(self._shapes)
            self._shapes.mode = "add_path"
            self._shapes.events.data.connect(self._finished)
            self._viewer.layers.selection.events.active.connect(self._left)

    def stop(self) -> None:
        """Wait no more."""
        shapes, self._shapes = self._shapes, None
        if shapes is None:
            return
        shapes.events.data.disconnect(self._finished)
        self._viewer.layers.selection.events.active.disconnect(self._left)
        if shapes in self._viewer.layers:
            self._viewer.layers.remove(shapes)
        if self._layer in self._viewer.layers:
            self._viewer.layers.selection.active = self._layer
        self.ended.emit()

    def _finished(self, event: Any) -> None:
        """Take the line when napari is through with it: the layer cannot go while it draws."""
        if event.action == "added":
            QTimer.singleShot(0, self._take)

    def _take(self) -> None:
        if self._shapes is not None:
            lines = list(self._shapes.data)
            self.stop()
            if lines:
                self.drawn.emit(np.array(lines[-1]))

    def _left(self, event: Any = None) -> None:
        QTimer.singleShot(0, self._stop_if_left)

    def _stop_if_left(self) -> None:
        if self._shapes is not None and self._viewer.layers.selection.active is not self._shapes:
            self.stop()


def rasterized(corners: np.ndarray, shape: tuple[int, ...], region: Index) -> np.ndarray:
    """Return the pixels of a line.

    Parameters
    ----------
    corners
        The line's corners, ``(n, ndim)`` in pixels.
    shape
        Shape of the layer.
    region
        The plane in which it was drawn: slices along the two axes that are in view.

    Returns
    -------
    Boolean, of the shape of that plane.
    """
    seen = [axis for axis, part in enumerate(region) if not isinstance(part, int)]
    size = [shape[axis] for axis in seen]
    points = np.clip(np.round(corners[:, seen]).astype(int), 0, np.array(size) - 1)
    mask = np.zeros(size, dtype=bool)
    for start, end in pairwise(points):
        steps = np.abs(end - start).max() + 1
        mask[tuple(np.round(np.linspace(start, end, steps)).astype(int).T)] = True
    return mask


def crossed(labels: np.ndarray, line: np.ndarray) -> list[int]:
    """Return the objects that a line crosses.

    Parameters
    ----------
    labels
        The objects of the plane in view.
    line
        True on the line; of the plane's shape.

    Raises
    ------
    UserError
        If it crosses none.
    """
    found = np.unique(labels[line])
    if not found.any():
        raise UserError("The line crosses no object: draw it right through one.")
    return [int(number) for number in found if number]
