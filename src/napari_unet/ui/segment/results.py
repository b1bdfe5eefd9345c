"""The layers that hold a result, updated in place for as long as nobody else has changed them.

The rule: a result layer is written again only while it is still in the viewer, still has the
right shape, and nobody has painted in it or given it other data. Otherwise it is left exactly as
it is and the result goes to a new layer, to which napari gives a number.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer

from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.image.spacing import Spacing
from napari_unet.ui.layers.channel_axis import with_channel
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.layers.source import Source

if TYPE_CHECKING:
    from napari_unet.core.decoding.segmentation import Segmentation


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
        pixel = Spacing.along(source.axes, source.spacing)
        made = {"ndim": ndim, "axes": source.result_axes, "role": self._suffix, "pixel": pixel}
        layer = kind(
            np.zeros(source.shape, values.dtype),
            name=f"{source.name} {self._suffix}",
            metadata={MADE: made},
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

    def show_output(self, source: Source, result: Segmentation, asked: Collection[str]) -> None:
        """Show the network's output as image layers.

        Parameters
        ----------
        source, result
            The image, and what the network says about it.
        asked
            Which are asked for, of ``"probability"``, ``"height"`` and ``"uncertainty"``.
        """
        values = {"height": result.height, "uncertainty": result.spread}
        several = len(result.probabilities) > 2
        for number, each in enumerate(result.probabilities[1:], 1):
            values[f"probability {number}" if several else "probability"] = each
        for name, each in values.items():
            if each is not None and name.split()[0] in asked:
                highest = 0.25 if name == "uncertainty" else 1
                self._show(source, name, each, result.ndim, contrast_limits=(0, highest), **_LOOK)

    def show_labels(self, source: Source, result: Segmentation, ndim: int) -> Layer:
        """Show classes, hidden so that the image stays in sight, and above them the instances.

        Parameters
        ----------
        source, result
            The image, and what was found in it.
        ndim
            Number of axes along which objects extend.

        Returns
        -------
        The layer of the instances.
        """
        self._show(source, "semantic", result.semantic, result.ndim, visible=False)
        instances = self._show(source, "instances", result.instances, result.ndim)
        instances.metadata[MADE]["ndim"] = ndim
        return instances

    def _show(
        self, source: Source, suffix: str, values: np.ndarray, ndim: int, **look: Any
    ) -> Layer:
        if suffix not in self._layers:
            self._layers[suffix] = ResultLayer(self._viewer, suffix, look)
        return self._layers[suffix].show(source, _in_order(source, values, ndim), ndim)


_LOOK = {"colormap": "viridis", "visible": False}


def _in_order(source: Source, values: np.ndarray, ndim: int) -> np.ndarray:
    """Return a network's output, its spatial axes last, with the axes of the part of the layer."""
    axes = source.axes.replace("C", "")
    made = "".join(letter for letter in axes if letter not in SPATIAL[ndim]) + SPATIAL[ndim]
    if made != axes:
        values = values.transpose([made.index(each) for each in axes])
    letters = "".join(each for each in source.result_axes if each in source.axes)
    return with_channel(values, letters.index("C") if "C" in letters else None)
