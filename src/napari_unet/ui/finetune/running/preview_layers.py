"""The layers that show how far a training is, on its held-out picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from napari.utils.colormaps import DirectLabelColormap

from napari_unet.ui.layers.metadata import MADE

NAMES = {
    "image": "training preview",
    "truth": "training preview truth",
    "prediction": "training preview prediction",
}
_GAP = 0.05
"""Room between the data and the picture beside it, as a share of the picture's width."""
_COLOURS = {"truth": "#2fbf4f", "prediction": "#ff4fd8"}


class PreviewLayers:
    """A picture with outlines of truth and prediction, beside the user's data.

    Parameters
    ----------
    viewer
        Where the layers are added. What is active stays so; the view grows to hold them, too.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._layers: dict[str, Layer] = {}

    def show(self, picture: Mapping[str, Any]) -> None:
        """Show a picture, in the layers that are there already if they fit.

        Parameters
        ----------
        picture
            ``image`` float32, ``truth`` and ``prediction`` integers, all ``(y, x)``.
        """
        shapes = {name: layer.data.shape for name, layer in self._layers.items()}
        there = all(layer in self._viewer.layers for layer in self._layers.values())
        if not there or shapes != {name: picture[name].shape for name in NAMES}:
            self.remove()
            self._add(picture)
            return
        for name, layer in self._layers.items():
            layer.data = picture[name]
        self._layers["image"].reset_contrast_limits()

    def remove(self) -> None:
        """Take the layers away."""
        for layer in self._layers.values():
            if layer in self._viewer.layers:
                self._viewer.layers.remove(layer)
        self._layers = {}

    def _add(self, picture: Mapping[str, Any]) -> None:
        active = self._viewer.layers.selection.active
        place = _beside(self._viewer, picture["image"].shape)
        for name, title in NAMES.items():
            if name == "image":
                layer: Layer = Image(picture[name], **place)
            else:
                colour = DirectLabelColormap(color_dict={None: _COLOURS[name], 0: "#00000000"})
                layer = Labels(picture[name], colormap=colour, opacity=1.0, **place)
                layer.contour = 2
            layer.name = title
            layer.metadata[MADE] = {"ndim": 2, "axes": "YX", "role": title}
            self._layers[name] = self._viewer.add_layer(layer)
        self._viewer.layers.selection.active = active
        self._viewer.reset_view()


def _beside(viewer: ViewerModel, shape: tuple[int, ...]) -> dict[str, Any]:
    """Return scale and place of a picture to the right of everything, in a pixel's usual size."""
    if not len(viewer.layers):
        return {}
    extent = viewer.layers.extent
    low, high = extent.world[:, -2:]
    step = extent.step[-2:]
    units = getattr(extent, "units", None)  # layers of napari 0.6 have none in common
    right = high[1] + step[1] * (1 + _GAP * shape[1])
    place = {"scale": step, "translate": (low[0], right)}
    return place | ({"units": units[-2:]} if units else {})
