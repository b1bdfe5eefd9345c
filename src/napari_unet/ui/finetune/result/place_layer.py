"""The layer that outlines a place where something is to be painted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Shapes

from napari_unet.ui.layers.channel_axis import kept_axes, made_geometry, place_in_layer
from napari_unet.ui.layers.geometry import corners_of


class PlaceLayer:
    """Outlines one place at a time."""

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._layer: Shapes | None = None

    def outline(
        self, image: Image, axes: str, where: Sequence[int], box: Sequence[tuple[int, int]]
    ) -> None:
        """Outline a place on an image, in place of the one that was outlined before.

        Parameters
        ----------
        image
            The image.
        axes
            One letter of TZCYX per axis of its array.
        where
            A pixel of the place, one index per axis but that of channels.
        box
            First pixel and the one after the last, along the last two axes.
        """
        if self._layer is not None and self._layer in self._viewer.layers:
            self._viewer.layers.remove(self._layer)
        low, high = zip(*box, strict=True)
        kept = [axes[axis] for axis in kept_axes(axes, image.ndim)]
        outline = np.array([(*where[:-2], *corner) for corner in corners_of(low, high)], float)
        self._layer = Shapes(
            [place_in_layer(outline, kept.index("C") if "C" in kept else None)],
            ndim=len(kept),
            name="suggested place",
            face_color="#00000000",
            edge_color="#ff4fd8",
            edge_width=max(np.subtract(high, low)) / 60,
            **made_geometry(image, axes),
        )
        self._viewer.add_layer(self._layer)
