"""A copy of an annotation, as it is kept until it is saved."""

from __future__ import annotations

from napari.layers import Labels, Shapes

from napari_unet.io.annotations.drafts import Draft
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.annotate.rectangles import corners_in
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.work.copies import ChunkedCopy, chunked_copy


def chunked_draft(
    layer: Labels, marks: Labels | None, rectangles: Shapes | None
) -> ChunkedCopy[Draft]:
    """Copy an annotation, a chunk at a time; to be called on the thread of the window.

    Parameters
    ----------
    layer
        The objects. What is painted between two chunks may or may not be in the copy.
    marks, rectangles
        The layers that belonged to them when they were last changed: if all are deleted together,
        these may be gone first.
    """
    parts: AnnotationLayers = layer.metadata[ANNOTATION]
    objects = yield from chunked_copy(pixels_in(layer))
    marked = None if marks is None else (yield from chunked_copy(pixels_in(marks)))
    shapes = [] if rectangles is None else corners_in(rectangles, layer)
    return Draft(
        image=parts.name_now(),
        image_shape=parts.known.shape,
        pixels=parts.known.pixels,
        objects=objects,
        marks=marked,
        rectangles=[corners for corners, kind in shapes if kind == "rectangle"],
        classes=dict(parts.classes),
        class_names=list(parts.class_names),
        class_colours=list(parts.class_colours),
        first_name=parts.known.name,
        record=parts.record,
    )
