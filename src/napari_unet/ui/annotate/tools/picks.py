"""Objects that are picked by clicks, and shown with a ring each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels, Points

from napari_unet.ui.annotate.tools.click_tool import ClickTool
from napari_unet.ui.layers.channel_axis import channel_axis, pixels_in
from napari_unet.ui.layers.geometry import geometry


class Picks(ClickTool):
    """Lets objects of one layer be picked while it is switched on; what is picked stays so.

    A click picks the object under the mouse, another click on it takes it back.
    """

    def __init__(self, viewer: ViewerModel, layer: Labels) -> None:
        super().__init__(viewer, layer)
        self._places: dict[int, np.ndarray] = {}
        self._rings: Points | None = None
        self.clicked.connect(self._pick)

    @property
    def numbers(self) -> list[int]:
        """The picked objects in the order in which they were clicked."""
        return list(self._places)

    def clear(self) -> None:
        """Take all picks back."""
        self._places.clear()
        self._show()

    def keep(self, numbers: list[int]) -> None:
        """Take back all picks but some."""
        self._places = {n: place for n, place in self._places.items() if n in numbers}
        self._show()

    def forget(self, event: Any) -> None:
        """Take all picks back where their rings were removed from the viewer."""
        if self._rings is not None and event.value is self._rings:
            self._rings = None
            self.clear()

    def pick(self, number: int, place: np.ndarray) -> None:
        """Pick an object, or take it back.

        Parameters
        ----------
        number
            The object's number.
        place
            Where its ring is shown, in pixels.
        """
        if self._places.pop(number, None) is None:
            self._places[number] = place
            self._layer.selected_label = number
        self._show()

    def _pick(self, event: Any) -> None:
        number = self.number_at(event)
        if number:
            self.pick(number, self._place(event.position))

    def _place(self, position: Sequence[float]) -> np.ndarray:
        """Return where a ring is shown, whichever channel is in view."""
        place, channel = np.array(self._layer.world_to_data(position)), channel_axis(self._layer)
        if channel is not None:
            place[channel] = 0
        return place

    def _show(self) -> None:
        rings = self._rings
        if self._places:
            (rings or self._new_rings()).data = np.array(list(self._places.values()))
        elif rings is not None:
            self._rings = None
            self._remove(rings)
        self.changed.emit()

    def _remove(self, rings: Points) -> None:
        """Take the rings away; the layer that is worked on stays the active one."""
        layers = self._viewer.layers
        active = self._layer if layers.selection.active is rings else layers.selection.active
        layers.remove(rings)
        if active in layers:
            layers.selection.active = active

    def _new_rings(self) -> Points:
        self._rings = Points(
            ndim=self._layer.ndim,
            name="picked",
            symbol="ring",
            size=max(pixels_in(self._layer).shape[-2:]) / 40,
            face_color="white",
            border_color="black",
            **geometry(self._layer),
        )
        self._viewer.add_layer(self._rings)
        self._viewer.layers.selection.active = self._layer
        return self._rings
