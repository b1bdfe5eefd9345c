"""A brush for a weight map: napari paints on labels only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakSet

import numpy as np
from napari.layers import Image
from qtpy.QtCore import QObject, Signal

from napari_unet.ui.layers.metadata import weight_map_state

KEPT = 20
"""Strokes that can be undone."""


class WeightBrush(QObject):
    """Paints a value on one image layer at a time, while the mouse is dragged.

    Attributes
    ----------
    value, size
        What is painted, and the brush's diameter in pixels.
    painted
        Emitted after each stroke, and after one was undone.
    undone
        Emitted when the last stroke on a map was taken back: it is as it was computed.
    """

    painted = Signal()
    undone = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.value, self.size = 10.0, 10
        self._layer: Image | None = None
        self._strokes: list[tuple[Image, tuple[Any, ...], np.ndarray]] = []
        self._kept_for_good: WeakSet[Image] = WeakSet()

    @property
    def can_undo(self) -> bool:
        """Whether there is a stroke to undo."""
        return bool(self._strokes)

    def set_tip(self, value: float, size: int) -> None:
        """Set what is painted from now on."""
        self.value, self.size = value, size

    def attach(self, layer: Image | None) -> None:
        """Paint on this layer from now on, and on no other; None to put the brush down."""
        if layer is self._layer:
            return
        if self._layer is not None:
            self._layer.mouse_drag_callbacks.remove(self._drag)
            self._layer.mouse_pan, self._layer.cursor = True, "standard"
        self._layer = layer
        if layer is not None:
            layer.mouse_drag_callbacks.append(self._drag)
            layer.mouse_pan, layer.cursor = False, "cross"

    def undo(self) -> None:
        """Take the last stroke back."""
        layer, where, before = self._strokes.pop()
        layer.data[where] = before
        layer.refresh(extent=False)
        layer.events.data(value=layer.data)
        state = weight_map_state(layer)
        untouched = layer not in self._kept_for_good and not self._has_stroke(layer)
        if untouched and state is not None:
            state.painted = False
        self.painted.emit()
        if untouched:
            self.undone.emit()

    def _has_stroke(self, layer: Image) -> bool:
        return any(other is layer for other, _, _ in self._strokes)

    def _drag(self, layer: Image, event: Any) -> Iterator[None]:
        if len(event.dims_displayed) != 2 or event.button != 1:
            return
        first = len(event.position) - layer.ndim
        shown = [axis - first for axis in event.dims_displayed]
        last = np.asarray(layer.world_to_data(event.position))
        plane: tuple[Any, ...] = tuple(
            slice(None) if axis in shown else int(np.clip(round(at), 0, layer.data.shape[axis] - 1))
            for axis, at in enumerate(last)
        )
        if min(shown) < 0:
            return
        before = np.array(layer.data[plane])
        last = last[sorted(shown)]
        self._line(layer, plane, last, last)
        yield
        while event.type == "mouse_move":
            here = np.asarray(layer.world_to_data(event.position))[sorted(shown)]
            self._line(layer, plane, last, here)
            last = here
            yield
        self._keep(layer, plane, before)

    def _line(self, layer: Image, plane: tuple[Any, ...], start: Any, end: Any) -> None:
        pixels = layer.data[plane]
        low = np.floor(np.minimum(start, end) - self.size / 2).astype(int).clip(0)
        high = np.ceil(np.maximum(start, end) + self.size / 2).astype(int) + 1
        part = pixels[tuple(map(slice, low, np.maximum(high, 0)))]
        if part.size:
            part[_distance(part.shape, start - low, end - low) <= self.size / 2] = self.value
            layer.refresh(extent=False, thumbnail=False)

    def _keep(self, layer: Image, plane: tuple[Any, ...], before: np.ndarray) -> None:
        changed = np.nonzero(layer.data[plane] != before)
        if not len(changed[0]):
            return
        part = tuple(slice(int(axis.min()), int(axis.max()) + 1) for axis in changed)
        inside = iter(part)
        where = tuple(next(inside) if isinstance(side, slice) else side for side in plane)
        state = weight_map_state(layer)
        if state is not None and state.painted and not self._has_stroke(layer):
            self._kept_for_good.add(layer)  # what was painted earlier cannot be undone here
        self._strokes.append((layer, where, before[part].copy()))
        if len(self._strokes) > KEPT:
            self._kept_for_good.add(self._strokes.pop(0)[0])
        if state is not None:
            state.painted = True
        layer.events.data(value=layer.data)
        self.painted.emit()


def _distance(shape: tuple[int, ...], start: Any, end: Any) -> np.ndarray:
    """Return each pixel's distance to the line between two points."""
    grid = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1) - start
    line = end - start
    along = np.clip(grid @ line / max(float(line @ line), 1e-9), 0, 1)
    return np.linalg.norm(grid - along[..., np.newaxis] * line, axis=-1)
