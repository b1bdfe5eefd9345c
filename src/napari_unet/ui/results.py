"""The layers that hold a result, updated in place for as long as nobody else has changed them.

The rule: a result layer is written again only while it is still in the viewer, still has the
right shape, and nobody has painted in it or given it other data. Otherwise it is left exactly as
it is and the result goes to a new layer, which napari gives a name of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer

from napari_unet.core.segmentation import Segmentation
from napari_unet.ui.layers import Source

MADE = "napari_unet"
"""Key in the metadata of layers that were made here; such images are not chosen by themselves."""


class ResultLayer:
    """One result of one image, in a layer that is made when it is needed."""

    def __init__(self, viewer: ViewerModel, source: Source, suffix: str) -> None:
        self._viewer = viewer
        self._name = f"{source.name} {suffix}"
        self._shape = source.shape
        self._geometry = source.geometry
        self._writing = False
        self._touched = False
        self.layer: Layer | None = None

    def show(self, values: np.ndarray, where: tuple[Any, ...], **look: Any) -> Layer:
        """Write values to their place in the layer, or in a new one where the rule asks for it.

        Parameters
        ----------
        values
            Labels, or a picture if they are floats.
        where
            Their place; the rest of a new layer is 0.
        look
            Keyword arguments for a new layer.
        """
        if self.layer is None or not self._ours():
            self.layer = self._add(np.zeros(self._shape, values.dtype), look)
        self._writing = True
        try:
            self._write(values, where)
        finally:
            self._writing = False
        return self.layer

    def _write(self, values: np.ndarray, where: tuple[Any, ...]) -> None:
        if values.shape == self._shape:
            self.layer.data = values
        else:
            self.layer.data[where] = values
            self.layer.refresh()

    def _ours(self) -> bool:
        return not self._touched and self.layer in self._viewer.layers

    def _add(self, data: np.ndarray, look: dict[str, Any]) -> Layer:
        kind = Image if data.dtype.kind == "f" else Labels
        layer = kind(data, name=self._name, metadata={MADE: True}, **self._geometry, **look)
        self._touched = False
        layer.events.data.connect(self._touch)
        if kind is Labels:
            layer.events.paint.connect(self._touch)
        self._viewer.add_layer(layer)
        return layer

    def _touch(self, event: Any = None) -> None:
        self._touched = self._touched or not self._writing


class Results:
    """All result layers of one image layer.

    Parameters
    ----------
    probabilities, height
        Whether the network's output is shown as image layers, too.
    """

    def __init__(self, viewer: ViewerModel, source: Source) -> None:
        self._viewer = viewer
        self.source = source
        self._layers: dict[str, ResultLayer] = {}

    def fits(self, source: Source) -> bool:
        """Return whether another part of, or run on, the same image can go to these layers."""
        return self.source.shape == source.shape

    def show_output(self, result: Segmentation, probabilities: bool, height: bool) -> None:
        """Show the network's output as image layers, where asked for."""
        look = {"colormap": "viridis", "visible": False, "contrast_limits": (0, 1)}
        if probabilities:
            for number, values in enumerate(result.probabilities[1:], 1):
                suffix = f"probability {number}" if len(result.probabilities) > 2 else "probability"
                self._show(suffix, values, look)
        if height and result.height is not None:
            self._show("height", result.height, look)

    def show_labels(self, result: Segmentation) -> None:
        """Show instances and, below and hidden so that the image stays in sight, classes."""
        self._show("semantic", result.semantic, {"visible": False, "opacity": 0.4})
        self._show("instances", result.instances, {})

    def _show(self, suffix: str, values: np.ndarray, look: dict[str, Any]) -> None:
        if suffix not in self._layers:
            self._layers[suffix] = ResultLayer(self._viewer, self.source, suffix)
        self._layers[suffix].show(values, self.source.where, **look)
