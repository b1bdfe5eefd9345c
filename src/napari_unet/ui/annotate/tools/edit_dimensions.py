"""napari's *n edit dim* on layers that have an axis for an image's channels."""

from __future__ import annotations

from functools import partial
from typing import Any

from napari.components import ViewerModel
from napari.layers import Labels

from napari_unet.ui.layers.channel_axis import channel_axis
from napari_unet.ui.work.dock_widget import Connections


def skip_channels(viewer: ViewerModel, layer: Labels, connections: Connections) -> None:
    """Have *n edit dim* step over the axis of channels: 3 on Z C Y X would paint in one plane.

    Parameters
    ----------
    viewer, layer
        The viewer, and a layer that is painted in.
    connections
        Where the connection to the layer is kept.
    """
    before = [layer.n_edit_dimensions]
    connections.add(layer.events.n_edit_dimensions, partial(_skip, viewer, layer, before))


def _skip(viewer: ViewerModel, layer: Labels, before: list[int], event: Any = None) -> None:
    number = layer.n_edit_dimensions
    last = viewer.dims.order[-number] - (viewer.dims.ndim - layer.ndim)
    if last == channel_axis(layer):
        layer.n_edit_dimensions += 1 if number > before[0] else -1
    before[0] = layer.n_edit_dimensions
