"""What a worker needs to measure the objects of a layer, and how it does so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image, Labels, Layer

from napari_unet.core.progress import Steps
from napari_unet.ui.layers.arrays import full_resolution, is_copied
from napari_unet.ui.layers.axes import own_channel_names
from napari_unet.ui.layers.below import axes_as_of_labels
from napari_unet.ui.layers.labels import LayerCopy, chunked_layer_copy
from napari_unet.ui.widgets.objects.evidence import EvidenceCopies, chunked_evidence
from napari_unet.ui.work.copies import ChunkedCopy, chunked_copy

if TYPE_CHECKING:
    from napari_unet.core.measuring.request import Evidence, MeasureRequest

Table = dict[str, Any]
"""Columns by name, as `measure_objects` returns them."""


@dataclass(frozen=True)
class Copies:
    """Layers as a worker gets them; nothing in here is shared with one that may be painted.

    Parameters
    ----------
    labels
        The objects.
    image
        The image's array, None for none.
    image_axes
        One letter per axis of it.
    channels
        Names of its channels.
    known
        What is known of the objects beside their labels.
    """

    labels: LayerCopy
    image: Any = None
    image_axes: str = ""
    channels: tuple[str, ...] = ()
    known: EvidenceCopies = field(default_factory=EvidenceCopies)

    def doubts(self) -> list[str]:
        """Return a sentence where numbers or objects are not what they seem; for a worker."""
        from napari_unet.core.instances.looks import numbers_doubt  # noqa: PLC0415 - slow, too
        from napari_unet.core.review.lying import place_doubt  # noqa: PLC0415 - slow, too

        labels = self.labels
        told = numbers_doubt(labels.values, labels.axes, labels.ndim)
        if not all(isinstance(each, np.ndarray) for each in (labels.values, self.image)):
            return told
        lying = place_doubt(labels.values, labels.axes, self.image, self.image_axes)
        return [*told, *lying]


def chunked_copies(
    labels: Labels, image: Image | None, layers: Sequence[Layer], ndim: int
) -> ChunkedCopy[Copies]:
    """Copy what is measured, a chunk at a time, on the thread of the window.

    Parameters
    ----------
    labels, image
        The objects, and the image whose grey values are measured.
    layers
        All layers of the viewer; see `chunked_evidence`.
    ndim
        Along how many axes objects extend.

    Raises
    ------
    UserError
        If the image does not fit the labels.
    """
    copy = yield from chunked_layer_copy(labels, ndim)
    known = yield from chunked_evidence(labels, copy, layers)
    if image is None:
        return Copies(copy, known=known)
    pixels = full_resolution(image)
    axes = axes_as_of_labels(image, labels)
    if is_copied(pixels):
        pixels = yield from chunked_copy(pixels)
    names = own_channel_names(image, axes)
    return Copies(copy, pixels, axes, names, known)


def measuring(copies: Copies) -> Steps[Table]:
    """Measure objects; for a worker."""
    from napari_unet.core.measuring.objects import measure_steps  # noqa: PLC0415 - takes a moment

    return (yield from measure_steps(copies.labels.objects(), copies.image, *asked_of(copies)))


def asked_of(copies: Copies) -> tuple[MeasureRequest, Evidence]:
    """Return how copies are to be measured, and what is known of them; for a worker."""
    from napari_unet.core.measuring.request import MeasureRequest  # noqa: PLC0415 - a moment, too

    labels = copies.labels
    request = MeasureRequest(
        labels.axes, labels.ndim, labels.spacing, labels.unit, copies.image_axes, copies.channels
    )
    return request, copies.known.evidence()
