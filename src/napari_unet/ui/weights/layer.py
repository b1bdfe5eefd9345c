"""The layer that shows a weight map: pale where pixels count as usual, burning in the gaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from weakref import ref

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels

from napari_unet.core.progress import Progress, Steps
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.layers.channel_axis import channel_axis, place_in_layer, with_channel
from napari_unet.ui.layers.geometry import geometry
from napari_unet.ui.layers.labels import LayerCopy
from napari_unet.ui.layers.metadata import MADE, WEIGHT_MAP, WEIGHTS, WeightMapState
from napari_unet.ui.weights.heat import HeatScale


class WeightLayer:
    """The weight map of one annotation, in a layer that is made when it is needed.

    As in `ResultLayer`, what a person has painted on is never written again: the next map goes
    to a new layer.

    Attributes
    ----------
    layer
        The image layer; None before it is made.
    current
        The `WeightMapRequest` that the whole map comes from; None where the map is of a part, or
        the annotation has changed.
    deleted
        Whether a person has deleted the layer, and not asked for another since.
    """

    def __init__(self, labels: Labels) -> None:
        self._labels = ref(labels)
        self.layer: Any = None
        self.current: Any = None
        self.deleted = False
        self._scale: HeatScale | None = None

    @property
    def painted(self) -> bool:
        """Whether a person has painted on it."""
        return self.layer is not None and self._state().painted

    @property
    def complete(self) -> bool:
        """Whether it is there, and not of a part only."""
        return self.layer is not None and self._state().complete

    @property
    def ready(self) -> bool:
        """Whether it may be painted on: it is complete, and of the objects as they are."""
        return self.complete and (self.painted or self.current is not None)

    def of(self, viewer: ViewerModel) -> bool:
        """Return whether the objects are in the viewer; forget a map that is not there."""
        if self.layer is not None and self.layer not in viewer.layers:
            self.layer = self.current = None
        return self._labels() in viewer.layers

    def show(
        self, viewer: ViewerModel, values: np.ndarray, low: tuple[int, ...], scale: HeatScale
    ) -> None:
        """Write values to their place.

        Parameters
        ----------
        values
            Float32, one axis per axis of the labels but that of channels.
        low
            The first pixel of their place; empty for a map of all.
        scale
            How they are shown.
        """
        labels = self._labels()
        channel, shape = channel_axis(labels), full_resolution(labels).shape
        values = with_channel(values, channel)
        whole = values.shape == shape
        if self.layer is None or self.painted or self.layer.data.shape != shape:
            self.layer, self._scale = _new(viewer, labels, shape), None
        self._state().complete = whole
        self.current, self.deleted = None, False
        self._colour(scale)
        if whole:
            self.layer.data = values
            return
        sides = zip(place_in_layer(low, channel), values.shape, strict=True)
        self.layer.data[tuple(slice(start, start + size) for start, size in sides)] = values
        self.layer.refresh(extent=False, thumbnail=False)

    def _colour(self, scale: HeatScale) -> None:
        if scale != self._scale:
            self.layer.contrast_limits = (0, scale.highest)
            self.layer.colormap = scale.colormap()
            self._scale = scale

    def _state(self) -> WeightMapState:
        state: WeightMapState = self.layer.metadata[WEIGHTS]
        return state


def write_steps(path: Path, copy: LayerCopy) -> Steps[Path]:
    """Write a weight map as a float32 TIFF.

    Returns
    -------
    The file.
    """
    from napari_unet.io.tiff.write import write_tiff  # noqa: PLC0415 - takes a moment

    yield Progress("writing")
    write_tiff(path, copy.values, copy.axes, copy.spacing, copy.unit)
    return path


def _new(viewer: ViewerModel, labels: Labels, shape: tuple[int, ...]) -> Image:
    made = labels.metadata.get(MADE, {}) | {"role": WEIGHT_MAP}
    active = viewer.layers.selection.active
    layer = Image(
        np.zeros(shape, np.float32),
        rgb=False,
        name=f"{labels.name.removesuffix(' objects')} {WEIGHT_MAP}",
        contrast_limits=(0, 1),
        blending="translucent",
        interpolation2d="nearest",
        metadata={WEIGHTS: WeightMapState(ref(labels)), MADE: made},
        **geometry(labels),
    )
    viewer.add_layer(layer)
    viewer.layers.selection.active = active
    return layer
