"""The layers that hold a result, updated in place for as long as nobody else has changed them.

The rule: a result layer is written again only while it is still in the viewer, still has the
right shape, and nobody has painted in it or given it other data. Otherwise it is left exactly as
it is and the result goes to a new layer, to which napari gives a number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer

from napari_unet.core.segmentation import Segmentation
from napari_unet.ui.layers import Source

MADE = "napari_unet"
"""Key in the metadata of the layers that are made here; holds `ndim` and `axes`."""


class ResultLayer:
    """One result of one image, in a layer that is made when it is needed."""

    def __init__(self, viewer: ViewerModel, suffix: str, look: dict[str, Any]) -> None:
        self._viewer, self._suffix, self._look = viewer, suffix, look
        self._layer: Layer | None = None
        self._writing = False

    def show(self, source: Source, values: np.ndarray, ndim: int) -> Layer:
        """Write values to their place in the layer, or in a new one where the rule asks for it.

        Parameters
        ----------
        source
            Says where the values lie in the layer, and the layer in the world.
        values
            Labels, or a picture if they are floats.
        ndim
            Number of axes along which objects extend.
        """
        layer = self._layer
        if layer is None or not self._may_write(layer, source, values):
            layer = self._layer = self._new(source, values, ndim)
        self._writing = True
        try:
            self._write(layer, source, values)
        finally:
            self._writing = False
        return layer

    def _may_write(self, layer: Layer, source: Source, values: np.ndarray) -> bool:
        fits = layer.data.shape == source.shape and layer.data.dtype == values.dtype
        return fits and layer in self._viewer.layers

    def _write(self, layer: Layer, source: Source, values: np.ndarray) -> None:
        for name, value in source.geometry.items():
            if not np.array_equal(getattr(layer, name), value):
                setattr(layer, name, value)
        if values.shape == source.shape:
            layer.data = values
        else:
            layer.data[source.where] = values
            layer.refresh()

    def _new(self, source: Source, values: np.ndarray, ndim: int) -> Layer:
        kind = Image if values.dtype.kind == "f" else Labels
        layer = kind(
            np.zeros(source.shape, values.dtype),
            name=f"{source.name} {self._suffix}",
            metadata={MADE: {"ndim": ndim, "axes": source.result_axes}},
            **source.geometry,
            **self._look,
        )
        layer.events.data.connect(self._touch)
        if kind is Labels:
            layer.events.paint.connect(self._touch)
        return self._viewer.add_layer(layer)

    def _touch(self, event: Any = None) -> None:
        if not self._writing:
            self._layer = None


class Results:
    """All result layers of one image layer."""

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._layers: dict[str, ResultLayer] = {}

    def show_output(
        self, source: Source, result: Segmentation, *, probabilities: bool, height: bool
    ) -> None:
        """Show the network's output as image layers, where asked for."""
        look = {"colormap": "viridis", "visible": False, "contrast_limits": (0, 1)}
        if probabilities:
            for number, values in enumerate(result.probabilities[1:], 1):
                suffix = f"probability {number}" if len(result.probabilities) > 2 else "probability"
                self._show(source, suffix, values, result.ndim, **look)
        if height and result.height is not None:
            self._show(source, "height", result.height, result.ndim, **look)

    def show_labels(self, source: Source, result: Segmentation) -> Layer:
        """Show classes, hidden so that the image stays in sight, and above them the instances.

        Returns
        -------
        The layer of the instances.
        """
        self._show(source, "semantic", result.semantic, result.ndim, visible=False)
        return self._show(source, "instances", result.instances, result.ndim)

    def _show(
        self, source: Source, suffix: str, values: np.ndarray, ndim: int, **look: Any
    ) -> Layer:
        if suffix not in self._layers:
            self._layers[suffix] = ResultLayer(self._viewer, suffix, look)
        return self._layers[suffix].show(source, values, ndim)
