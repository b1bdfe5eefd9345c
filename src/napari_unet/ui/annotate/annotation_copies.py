"""What is copied from the layers of an annotation, on the thread of the window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from napari.layers import Image, Labels, Layer

from napari_unet.core.annotation.annotation import (
    AnnotatedImage,
    Annotation,
)
from napari_unet.ui.annotate.annotation_layers import (
    annotation_layers,
)
from napari_unet.ui.annotate.rectangles import boxes_of
from napari_unet.ui.layers.arrays import full_resolution, is_copied, part_of
from napari_unet.ui.layers.axes import scale_of, spacing_of
from napari_unet.ui.layers.below import axes_below
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.geometry import moves
from napari_unet.ui.work.copies import ChunkedCopy, chunked_copy


def chunked_annotation(
    layer: Labels, where: tuple[slice, ...] | None = None
) -> ChunkedCopy[Annotation]:
    """Copy what was painted, a chunk at a time, on the thread of the window.

    Parameters
    ----------
    layer
        The objects of an annotation, or any label layer, which is then annotated everywhere. What
        is read or computed when asked for stays so, until `Annotation.loaded`.
    where
        A start and a stop along each axis but that of channels, to copy that part only; None for
        all.

    Raises
    ------
    UserError
        If a training rectangle is not a rectangle along the axes.
    """
    array = pixels_in(layer)
    where = where or tuple(slice(0, size) for size in array.shape)
    objects = yield from chunked_copy(part_of(array, where))
    parts = annotation_layers(layer)
    if parts is None:
        return Annotation(objects)
    boxes = np.zeros((0, 2, array.ndim), np.int64)
    if parts.rectangles is not None:
        starts = np.array([side.start for side in where])
        found = boxes_of(parts.rectangles, layer)
        boxes = np.clip(found - starts, 0, objects.shape)
    marks = None if parts.marks is None else part_of(pixels_in(parts.marks), where)
    return Annotation(
        instances=objects,
        marks=None if marks is None else (yield from chunked_copy(marks)),
        boxes=boxes,
        classes=dict(parts.classes),
        class_names=tuple(parts.class_names),
        record=parts.record,
    )


def chunked_annotated_image(
    image: Image, labels: Labels, weight: Layer | None = None
) -> ChunkedCopy[AnnotatedImage]:
    """Copy an image with what was painted on it, a chunk at a time, on the thread of the window.

    Parameters
    ----------
    image
        The image; `is_copied` says whether its pixels are copied, too.
    labels
        The objects of an annotation, or any label layer of the image's shape without channels.
    weight
        A painted weight map of the labels' shape.

    Raises
    ------
    UserError
        If the shapes do not fit.
    """
    axes = axes_below(image, labels)
    annotation = yield from chunked_annotation(labels)
    if weight is not None:
        annotation = replace(annotation, weight=(yield from chunked_copy(pixels_in(weight))))
    return AnnotatedImage(
        name=image.name,
        image=(yield from chunked_image(image)),
        axes=axes,
        annotation=annotation,
        spacing=spacing_of(image, axes),
        scale=scale_of(image, axes),
    )


def chunked_image(image: Image) -> ChunkedCopy[Any]:
    """Copy the pixels of an image, a chunk at a time, if `is_copied` says so."""
    pixels = full_resolution(image)
    return (yield from chunked_copy(pixels)) if is_copied(pixels) else pixels


def painted_layers(labels: Labels) -> list[Labels]:
    """Return the objects and marks of an annotation, or any other label layer alone."""
    parts = annotation_layers(labels)
    return [labels] if parts is None or parts.marks is None else [labels, parts.marks]


def change_events(labels: Labels) -> list[Any]:
    """Return the events that tell of a change in an annotation, or in any label layer."""
    parts = annotation_layers(labels)
    events = [
        event
        for layer in painted_layers(labels)
        for event in (
            *(layer.events.paint, layer.events.data, layer.events.labels_update),
            *moves(layer),
        )
    ]
    drawn = None if parts is None else parts.rectangles
    return events if drawn is None else [*events, drawn.events.data, *moves(drawn)]
