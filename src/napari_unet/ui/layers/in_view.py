"""Which part of a layer can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from napari.components import Camera, ViewerModel
from napari.layers import Labels, Layer

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.layers.channel_axis import channel_axis

Index = tuple[int | slice, ...]
"""Which part of an array: an index or a slice along each axis."""


def camera_of(viewer: ViewerModel) -> Camera:
    """Return what looks at a viewer's scene; before napari 0.9 it is the viewer's own."""
    return getattr(viewer, "scene", viewer).camera


class Undos:
    """Tells an undo, or a redo, from a mere look: after both, napari only shows a layer anew.

    A hidden layer is shown anew later: then an undo and a look elsewhere may come as one.

    Parameters
    ----------
    viewer, layer
        A layer that may be painted on, and where it is shown.
    """

    def __init__(self, viewer: ViewerModel, layer: Labels) -> None:
        self._dims, self._layer = viewer.dims, layer
        self._view = self._now()
        self._note()
        layer.events.paint.connect(self._note)

    def happened(self) -> bool:
        """Return whether something was undone or done again since this was last asked."""
        before = self._undone
        self._note()
        return before != self._undone

    def only_moved(self) -> bool:
        """Return whether only something else is in view than when this was last asked."""
        before, self._view = self._view, self._now()
        return not self.happened() and before != self._view

    def _note(self, event: Any = None) -> None:
        """Note how much is undone; painting forgets what was, and tells of itself."""
        self._undone = len(self._layer._redo_history)

    def _now(self) -> tuple[object, ...]:
        return self._dims.current_step, self._dims.order, self._dims.ndisplay


def field_of_view(viewer: ViewerModel, layer: Labels) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the first pixel in view and the one after the last; None where no plane is in view."""
    first = viewer.dims.ndim - layer.ndim
    shown = [axis - first for axis in viewer.dims.displayed]
    if len(shown) != 2 or min(shown) < 0:
        return None
    shape = np.array(full_resolution(layer).shape)
    low = np.round(layer.world_to_data(viewer.dims.point)).astype(int).clip(0, shape - 1)
    high = low + 1
    corners = layer.corner_pixels
    drawn = bool((corners[1][shown] > corners[0][shown]).all())  # not before the first draw
    low[shown] = corners[0][shown] if drawn else 0
    high[shown] = np.minimum(corners[1][shown] + 1, shape[shown]) if drawn else shape[shown]
    return (low, high) if (low < high).all() else None


def plane_in_view(viewer: ViewerModel, layer: Labels) -> Index:
    """Return the part of a layer's array that is in view; it has no axis for channels."""
    first = viewer.dims.ndim - layer.ndim
    position = np.round(layer.world_to_data(viewer.dims.point[first:])).astype(int)
    hidden = [axis - first for axis in viewer.dims.not_displayed if axis >= first]
    last = np.array(layer.data.shape) - 1
    index: list[int | slice] = [slice(None)] * layer.ndim
    for axis in hidden:
        index[axis] = int(np.clip(position[axis], 0, last[axis]))
    return without_channel(layer, index)


def other_view(viewer: ViewerModel, layer: Layer, axes: Sequence[int]) -> str:
    """Say what is in view that extends along other axes of a layer than some, and how to go back.

    Parameters
    ----------
    viewer, layer
        The viewer, and the layer.
    axes
        The axes along which what is to be worked on extends.

    Returns
    -------
    What follows an "and" and leads to a "first"; empty where all that extends in view is of them.
    """
    first = viewer.dims.ndim - layer.ndim
    if {axis - first for axis in viewer.dims.displayed} <= set(axes):
        return ""
    if viewer.dims.ndisplay == 3:
        return "the stack in 3D is in view: switch back to 2D"
    return "a plane along other axes is in view: roll the axes back"


def here(layer: Layer, point: Sequence[float], axes: str, over: Sequence[int]) -> dict[int, int]:
    """Return which plane of a layer is in view, by axis.

    Parameters
    ----------
    layer, axes
        The layer, and one letter for each of its axes.
    point
        World coordinates of the viewer's current step.
    over
        The axes that are asked for. Along one of length 1 that one is always meant.

    Raises
    ------
    UserError
        If the layer has no plane there.
    """
    places, found = np.round(layer.world_to_data(point)).astype(int), {}
    for axis in over:
        size = full_resolution(layer).shape[axis]
        if size > 1 and not 0 <= places[axis] < size:
            noun = "frame" if axes[axis] == "T" else "plane"
            raise UserError(
                f"“{layer.name}” has no {noun} where the slider stands: move it to one of its "
                f"{noun}s, or choose Whole stack."
            )
        found[axis] = int(places[axis]) if size > 1 else 0
    return found


def without_channel(layer: Labels, index: Sequence[int | slice]) -> Index:
    """Return an index into a layer's array that leaves out the axis that stands for channels."""
    channel = channel_axis(layer)
    return tuple(0 if axis == channel else part for axis, part in enumerate(index))
