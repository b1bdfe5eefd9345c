"""What is known of each pixel beside the labels of objects, as the table of objects needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Labels, Layer

from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.labels import LayerCopy
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.widgets.objects.beside import PAINTED, ROLES, beside
from napari_unet.ui.work.copies import ChunkedCopy, chunked_copy

if TYPE_CHECKING:
    from napari_unet.core.decoding.segmentation import Segmentation
    from napari_unet.core.measuring.request import Evidence


@dataclass(frozen=True)
class EvidenceCopies:
    """What is known of objects, as a worker gets it.

    Parameters
    ----------
    axes
        One letter per axis of the labels.
    named
        What was found in the same image, by the names of `Evidence`.
    probabilities
        Of each class.
    result
        What the objects were found with, if that is still known; nobody writes into it.
    """

    axes: str = ""
    named: Mapping[str, Any] = field(default_factory=dict)
    probabilities: tuple[Any, ...] = ()
    result: Segmentation | None = None

    def evidence(self) -> Evidence:
        """Return all of it, its axes in the order of the labels'; for a worker."""
        from napari_unet.core.measuring.request import Evidence  # noqa: PLC0415 - takes a moment

        told = dict[str, Any]()
        if self.result is not None:
            order = [self.result.axes.index(letter) for letter in self.axes]
            known = Evidence.of(self.result).arrays()
            told = {name: array.transpose(order) for name, array in known.items()}
        told |= self.named
        if self.probabilities:
            told["probability"] = np.sum([np.asarray(each) for each in self.probabilities], axis=0)
        return Evidence(**told)


def chunked_evidence(
    labels: Labels, copy: LayerCopy, layers: Sequence[Layer]
) -> ChunkedCopy[EvidenceCopies]:
    """Copy what is known of objects, a chunk at a time, on the thread of the window.

    Parameters
    ----------
    labels, copy
        The objects, and their copy.
    layers
        All layers of the viewer; classes, probability, height and uncertainty that were found in
        the same image are taken into account.
    """
    named, probabilities, result = dict[str, Any](), [], _result_of(labels, copy)
    for layer, role in beside(labels, layers):
        pixels = pixels_in(layer)
        if pixels.shape == copy.values.shape and (result is None or role in PAINTED):
            pixels = yield from chunked_copy(pixels)
            probabilities += [] if role in ROLES else [pixels]
            named |= {ROLES[role]: pixels} if role in ROLES else {}
    return EvidenceCopies(copy.axes, named, tuple(probabilities), result)


def _result_of(labels: Labels, copy: LayerCopy) -> Segmentation | None:
    """Return what is known of how a layer's objects were found, if it has their axes."""
    kept = labels.metadata.get(MADE, {}).get("result")
    found: Segmentation | None = None if kept is None else kept()
    if found is None or sorted(found.axes) != sorted(copy.axes):
        return None
    return found if found.instances.size == copy.values.size else None
