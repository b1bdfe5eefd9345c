"""A tool for which objects or places are clicked, while dragging still moves the view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels
from qtpy.QtCore import QObject, Signal

STILL = 4
"""Pixels on the screen that the mouse may move during a click."""


class ClickTool(QObject):
    """Takes the clicks on one layer while it is switched on; another tool switches it off.

    Parameters
    ----------
    viewer, layer
        The layer, and the viewer that shows it.
    hint
        What a click does, in words; empty where other words say it.

    Attributes
    ----------
    changed
        It was switched on or off, or something has come of a click.
    clicked
        Brings napari's event.
    """

    changed = Signal()
    clicked = Signal(object)

    def __init__(self, viewer: ViewerModel, layer: Labels, hint: str = "") -> None:
        super().__init__()
        self._viewer, self._layer, self.hint = viewer, layer, hint
        self.active = False

    def start(self) -> None:
        """Take the clicks on the layer."""
        if not self.active:
            self._viewer.layers.selection.active = self._layer
            self._layer.mode = "pan_zoom"
            self._layer.cursor = "cross" if self.hint else "standard"
            self._layer.mouse_drag_callbacks.append(self._drag)
            self._layer.events.mode.connect(self._mode_changed)
            self.active = True
            self.changed.emit()

    def stop(self) -> None:
        """Let clicks be what they were."""
        if self.active:
            self._layer.mouse_drag_callbacks.remove(self._drag)
            self._layer.events.mode.disconnect(self._mode_changed)
            if self._layer.mode == "pan_zoom":
                self._layer.cursor = "standard"
            self.active = False
            self.changed.emit()

    def toggle(self) -> None:
        """Start, or stop."""
        (self.stop if self.active else self.start)()

    def number_at(self, event: Any) -> int:
        """Return the object that was clicked; 0 where none is."""
        number = self._layer.get_value(
            event.position,
            view_direction=event.view_direction,
            dims_displayed=event.dims_displayed,
            world=True,
        )
        return int(number or 0)

    def _drag(self, layer: Labels, event: Any) -> Iterator[None]:
        start = np.array(event.pos)
        yield
        while event.type == "mouse_move":
            yield
        if event.button == 1 and np.abs(np.array(event.pos) - start).max() <= STILL:
            self.clicked.emit(event)

    def _mode_changed(self, event: Any = None) -> None:
        if self._layer.mode != "pan_zoom":
            self.stop()
