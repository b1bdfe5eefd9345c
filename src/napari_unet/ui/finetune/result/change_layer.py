"""The layers that show what a training has corrected, and what is still wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from napari.utils.colormaps import DirectLabelColormap

from napari_unet.ui.finetune.data.partner import partner
from napari_unet.ui.layers.geometry import geometry
from napari_unet.ui.layers.metadata import MADE

COLOURS = {"corrected": "#2fbf4f", "still missed": "#3d9be9", "false": "#e0403a"}
"""What the values 1, 2 and 3 mean, and how they are shown."""


class ChangeLayer:
    """Shows changes on the images that they belong to, if these are open, else on copies."""

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer

    def show(self, changes: Sequence[Any]) -> None:
        """Show the changes of all held-out samples.

        Parameters
        ----------
        changes
            The errors of a `Comparison`.
        """
        active = self._viewer.layers.selection.active
        values: dict[Layer, np.ndarray] = {}
        for change in changes:
            place = _place(change, self._viewer.layers)
            if place is None:
                image = Image(np.asarray(change.image[0]), name=change.name)
                place = self._viewer.add_layer(image), change.error_map.shape, ()
            layer, shape, where = place
            values.setdefault(layer, np.zeros(shape, np.uint8))[where] = change.error_map
        for layer, painted in values.items():
            self._show(layer, painted)
        self._viewer.layers.selection.active = active

    def _show(self, image: Layer, painted: np.ndarray) -> None:
        name = f"{image.name} changes"
        if name in self._viewer.layers:
            self._viewer.layers.remove(name)
        base = partner(image, self._viewer.layers)
        colours: dict[int | None, str] = dict(enumerate(("#00000000", *COLOURS.values())))
        colours[None] = colours[0]
        layer = Labels(
            painted,
            name=name,
            colormap=DirectLabelColormap(color_dict=colours),
            metadata={MADE: {"axes": ""}},
            **geometry(image if base is None else base),
        )
        self._viewer.add_layer(layer)
        planes = np.argwhere(painted)[:1]
        if len(planes) and painted.ndim > 2:
            world = layer.data_to_world(planes[0])
            first = self._viewer.dims.ndim - layer.ndim
            hidden = [axis for axis in self._viewer.dims.not_displayed if axis >= first]
            self._viewer.dims.set_point(hidden, [world[axis - first] for axis in hidden])


def _place(change: Any, layers: Sequence[Layer]) -> tuple[Layer, tuple[int, ...], Any] | None:
    """Return the image that changes belong to, its annotation's shape, and where they lie."""
    name = change.name.removesuffix(", held out")
    for layer in layers:
        labels = partner(layer, layers) if isinstance(layer, Image) else None
        if labels is None or not name.startswith(layer.name):
            continue
        shape, size = labels.data.shape, change.error_map.shape
        rest, lead = name.removeprefix(layer.name).strip(), labels.data.shape[: -len(size)]
        if not rest and shape == size:
            return layer, shape, ()
        if rest.isdecimal() and int(rest) < np.prod(lead) and shape[-len(size) :] == size:
            return layer, shape, np.unravel_index(int(rest), lead)
        if not rest and shape[-len(size) :] == size and np.prod(lead) == 1:
            return layer, shape, (0,) * len(lead)
    return None
