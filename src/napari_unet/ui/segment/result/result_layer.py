"""A layer that holds a result, updated in place for as long as nobody else has changed it.

The rule: a result layer is written again only while it is still in the viewer, still has the
right shape, and nobody has painted in it or given it other data. Otherwise it is left exactly as
it is and the result goes to a new layer, to which napari gives a number. Nor is one
written again that was renamed, once there is another result. Of objects and classes then both
are kept, for they belong together.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer

from napari_unet.core.image.spacing import Spacing
from napari_unet.ui.layers.metadata import MADE, result_name
from napari_unet.ui.layers.source import Source
from napari_unet.ui.segment.result.edits import note_edit, watch_edits
from napari_unet.ui.segment.result.numbers import TakenNumbers


class ResultLayer:
    """One result of one image, in a layer that is made when it is needed.

    Parameters
    ----------
    viewer, suffix, look
        Where it is shown, its role, and the properties of its layer.
    """

    def __init__(self, viewer: ViewerModel, suffix: str, look: dict[str, Any]) -> None:
        self._viewer, self._suffix, self._look = viewer, suffix, look
        self._layer: Layer | None = None
        self._name = ""
        self._numbers = TakenNumbers()
        self._writing = False

    @property
    def layer(self) -> Layer | None:
        """The layer; None where it was deleted, or somebody else has changed it."""
        return self._layer if self._layer in self._viewer.layers else None

    @property
    def changed(self) -> bool:
        """Whether somebody has painted in the layer, or given it another name."""
        renamed = self.layer is not None and self.layer.name != self._name
        return self._layer is None or renamed

    def keep(self) -> None:
        """Leave the layer as it is from now on."""
        self._layer = None

    def begin(self, run: UUID) -> None:
        """Take a layer for one of another run, which will be shown in it."""
        if self.layer is not None:
            self.layer.metadata[MADE]["run"] = run

    def show(self, source: Source, values: np.ndarray, ndim: int, run: UUID) -> Layer:
        """Write values to their place in the layer, or in a new one where the rule asks for it.

        Parameters
        ----------
        source
            Says where the values lie in the layer, and the layer in the world.
        values
            Labels, or a picture if they are floats. Instances get numbers that no other plane of
            the layer has.
        ndim
            Number of axes along which objects extend.
        run
            As of `run_of`.
        """
        layer = self._layer
        if layer is None or not self._may_write(layer, source, values):
            layer = self._layer = self._new(source, values, ndim, run)
            self._numbers = TakenNumbers()
        self.begin(run)
        if self._suffix == "instances":
            values = self._numbers.numbered(values, source.planes)
        self._writing = True
        try:
            with layer.events.data.blocker(note_edit):
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
            layer.events.data(value=layer.data)
            layer.refresh()

    def _new(self, source: Source, values: np.ndarray, ndim: int, run: UUID) -> Layer:
        kind = Image if values.dtype.kind == "f" else Labels
        pixel = Spacing.along(source.axes, source.spacing)
        made = {"ndim": ndim, "axes": source.result_axes, "role": self._suffix, "pixel": pixel}
        made |= {"image": source.layer, "known": source.known, "run": run}
        layer = kind(
            np.zeros(source.shape, values.dtype),
            name=result_name(source.name, self._suffix),
            metadata={MADE: made},
            **source.geometry,
        )
        for name, value in self._look.items():  # not all of it can be said to napari at once
            setattr(layer, name, value)
        layer.events.data.connect(self._touch)
        if kind is Labels:
            layer.events.paint.connect(self._touch)
        watch_edits(self._viewer, layer)
        self._viewer.add_layer(layer)
        self._name = layer.name
        return layer

    def _touch(self, event: Any = None) -> None:
        if not self._writing:
            self._layer = None
