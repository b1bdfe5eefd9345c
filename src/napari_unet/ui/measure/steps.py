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
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.labels import LayerCopy, chunked_layer_copy
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.widgets.objects.beside import PAINTED, ROLES, beside
from napari_unet.ui.work.copies import ChunkedCopy, chunked_copy

if TYPE_CHECKING:
    from napari_unet.core.decoding.segmentation import Segmentation
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
    evidence
        What else was found in the same image, by the names of `Evidence`.
    probabilities
        Of each class.
    result
        What the objects were found with, if that is still known; nobody writes into it.
    """

    labels: LayerCopy
    image: Any = None
    image_axes: str = ""
    channels: tuple[str, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)
    probabilities: tuple[Any, ...] = ()
    result: Segmentation | None = None


def chunked_copies(
    labels: Labels, image: Image | None, layers: Sequence[Layer], ndim: int
) -> ChunkedCopy[Copies]:
    """Copy what is measured, a chunk at a time, on the thread of the window.

    Parameters
    ----------
    labels, image
        The objects, and the image whose grey values are measured.
    layers
        All layers of the viewer; classes, probability, height and uncertainty that were found in
        the same image are taken into account.
    ndim
        Along how many axes objects extend.

    Raises
    ------
    UserError
        If the image does not fit the labels.
    """
    copy = yield from chunked_layer_copy(labels, ndim)
    told, result = dict[str, Any](), _result_of(labels, copy)
    probabilities = []
    for layer, role in beside(labels, layers):
        pixels = pixels_in(layer)
        if pixels.shape == copy.values.shape and (result is None or role in PAINTED):
            pixels = yield from chunked_copy(pixels)
            probabilities += [] if role in ROLES else [pixels]
            told |= {ROLES[role]: pixels} if role in ROLES else {}
    if image is None:
        return Copies(copy, None, "", (), told, tuple(probabilities), result)
    pixels = full_resolution(image)
    axes = axes_as_of_labels(image, labels)
    if is_copied(pixels):
        pixels = yield from chunked_copy(pixels)
    names = own_channel_names(image, axes)
    return Copies(copy, pixels, axes, names, told, tuple(probabilities), result)


def measuring(copies: Copies) -> Steps[Table]:
    """Measure objects; for a worker."""
    from napari_unet.core.measuring.objects import measure_steps  # noqa: PLC0415 - takes a moment

    return (yield from measure_steps(copies.labels.objects(), copies.image, *asked_of(copies)))


def asked_of(copies: Copies) -> tuple[MeasureRequest, Evidence]:
    """Return how copies are to be measured, and what is known of them; for a worker."""
    from napari_unet.core.measuring.request import Evidence, MeasureRequest  # noqa: PLC0415

    labels = copies.labels
    request = MeasureRequest(
        labels.axes, labels.ndim, labels.spacing, labels.unit, copies.image_axes, copies.channels
    )
    told = {} if copies.result is None else _told(Evidence.of(copies.result), copies)
    told |= copies.evidence
    if copies.probabilities:
        told["probability"] = np.sum([np.asarray(each) for each in copies.probabilities], axis=0)
    return request, Evidence(**told)


def _result_of(labels: Labels, copy: LayerCopy) -> Segmentation | None:
    """Return what is known of how a layer's objects were found, if it has their axes."""
    kept = labels.metadata.get(MADE, {}).get("result")
    found: Segmentation | None = None if kept is None else kept()
    if found is None or sorted(found.axes) != sorted(copy.axes):
        return None
    return found if found.instances.size == copy.values.size else None


def _told(evidence: Evidence, copies: Copies) -> Table:
    """Return what a segmentation knows, its axes in the order of the layer's."""
    axes = copies.result.axes if copies.result else ""
    order = [axes.index(letter) for letter in copies.labels.axes]
    return {name: array.transpose(order) for name, array in evidence.arrays().items()}
