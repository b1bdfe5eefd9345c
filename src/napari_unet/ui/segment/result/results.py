"""The layers that hold what was found in one image, and what the network said about it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels, Layer

from napari_unet.core.image.axes import SPATIAL
from napari_unet.ui.layers.channel_axis import with_channel
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.layers.source import Source
from napari_unet.ui.segment.result.result_layer import ResultLayer

if TYPE_CHECKING:
    from napari_unet.core.decoding.segmentation import Segmentation


class Results:
    """All result layers of one image layer."""

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._layers: dict[str, ResultLayer] = {}
        self._run = uuid4()

    def begin(self) -> None:
        """Begin another result; objects and classes are kept if one was painted in or renamed."""
        self._run = uuid4()
        changed = {suffix for suffix, each in self._layers.items() if each.changed}
        for suffix in changed | (_LABELS if changed & _LABELS else set()):
            if suffix in self._layers:
                self._layers[suffix].keep()
        for suffix in _LABELS & self._layers.keys():
            self._layers[suffix].begin(self._run)

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

    def show_labels(self, source: Source, result: Segmentation) -> Labels:
        """Show classes, and above them the instances.

        A single class is hidden, for it tells no more than they do; above several they are
        outlines.

        Parameters
        ----------
        source, result
            The image, and what was found in it.

        Returns
        -------
        The layer of the instances.
        """
        several = len(result.probabilities) > 2
        self._show(source, "semantic", result.semantic, result.ndim, visible=several)
        look = {"contour": _OUTLINE} if several else {}
        instances = self._show(source, "instances", result.instances, result.ndim, **look)
        about, ndim = instances.metadata[MADE], result.ndim_of_objects
        if source.planes:  # what the other planes hold stays so
            about |= {"ndim": max(about["ndim"], ndim), "joined": about.get("joined", False)}
        else:
            about |= {"ndim": ndim, "joined": bool(result.link.planes or result.link.frames)}
        return instances

    def hide(self) -> None:
        """Hide all layers."""
        for each in self._layers.values():
            if each.layer is not None:
                each.layer.visible = False

    @property
    def instances(self) -> Layer | None:
        """The layer of the instances; None where it was deleted, or is no longer as it was made."""
        result = self._layers.get("instances")
        return result and result.layer

    def _show(
        self, source: Source, suffix: str, values: np.ndarray, ndim: int, **look: Any
    ) -> Layer:
        if suffix not in self._layers:
            self._layers[suffix] = ResultLayer(self._viewer, suffix, look)
        return self._layers[suffix].show(source, _in_order(source, values, ndim), ndim, self._run)


_LABELS = {"instances", "semantic"}
_OUTLINE = 2
"""Width in pixels."""
_LOOK = {"colormap": "viridis", "visible": False}


def _in_order(source: Source, values: np.ndarray, ndim: int) -> np.ndarray:
    """Return a network's output, its spatial axes last, with the axes of the part of the layer."""
    axes = source.axes.replace("C", "")
    made = "".join(letter for letter in axes if letter not in SPATIAL[ndim]) + SPATIAL[ndim]
    if made != axes:
        values = values.transpose([made.index(each) for each in axes])
    letters = "".join(each for each in source.result_axes if each in source.axes)
    return with_channel(values, letters.index("C") if "C" in letters else None)
