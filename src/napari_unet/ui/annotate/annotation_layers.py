"""The layers in which a person annotates an image, and what is taken from them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer, Shapes
from napari.utils.colormaps import DirectLabelColormap

from napari_unet.core.annotation.annotation import (
    BACKGROUND,
    IGNORED,
    NOTHING,
    AnnotatedImage,
    Annotation,
)
from napari_unet.ui.annotate.rectangles import boxes_of
from napari_unet.ui.layers.arrays import full_resolution, is_copied
from napari_unet.ui.layers.axes import image_axes, scale_of, spacing_of
from napari_unet.ui.layers.geometry import geometry
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.work.copies import ChunkedCopy, at_once, chunked_copy

LINK = "napari_unet_annotation"
"""Key in the metadata of the objects layer; holds what belongs to it."""

MARK_COLOURS = {NOTHING: "#00000000", BACKGROUND: "#3b8cff", IGNORED: "#9a9a9a", None: "#00000000"}
COLOURS = ("#ffb000", "#dc267f", "#648fff", "#00b4a0", "#fe6100", "#9b7bff")
"""Colours of classes that were given none; they can be told apart by colour-blind people."""
COUNTED = 2**20
"""Pixels whose objects are counted at once, few enough to stay in the cache."""


def add_annotation(viewer: ViewerModel, image: Image, start: Any = None) -> Labels:
    """Add the three layers of a new annotation to the viewer.

    Parameters
    ----------
    viewer
        The viewer.
    image
        The image to annotate; the layers lie where it lies, without its channel axis.
    start
        Labels that are copied into the annotation's objects, which may be a dask or zarr array;
        None to start empty.

    Returns
    -------
    The layer of the objects, which is active then. Its metadata name the others under `LINK`.

    Raises
    ------
    UserError
        If `start` does not fit the image.
    """
    axes = image_axes(image, None if start is None else start.shape)
    kept = [axis for axis, letter in enumerate(axes) if letter != "C"]
    shape = tuple(full_resolution(image).shape[axis] for axis in kept)
    objects = np.zeros(shape, np.uint32) if start is None else np.array(start, dtype=np.uint32)
    made = {MADE: {"axes": "".join(axes[axis] for axis in kept)}}
    place = geometry(image, kept)
    rectangles = Shapes(
        ndim=len(shape),
        name=f"{image.name} rectangles",
        face_color="#ffe00010",
        edge_color="#ffe000",
        edge_width=max(shape[-2:]) / 250,
        **place,
    )
    marks = Labels(
        np.zeros(shape, np.uint8),
        name=f"{image.name} marks",
        opacity=0.5,
        colormap=DirectLabelColormap(color_dict=MARK_COLOURS),
        metadata=dict(made),
        **place,
    )
    layer = Labels(objects, name=f"{image.name} objects", metadata=dict(made), **place)
    link = layer.metadata[LINK] = {
        "image": image.name,
        "marks": marks,
        "rectangles": rectangles,
        "classes": {} if start is None else dict.fromkeys(numbers_in(objects), 1),
        "class_names": [usual_class(1)],
        "class_colours": [COLOURS[0]],
        "semantic": None,
    }
    for part in (rectangles, marks, layer):
        viewer.add_layer(part)
    viewer.layers.events.removed.connect(partial(_forget, link))
    return layer


def usual_class(number: int) -> str:
    """Return what a class is called until somebody names it."""
    return "object" if number == 1 else f"class {number}"


def is_annotation(layer: Layer) -> bool:
    """Return whether a layer holds the objects of an annotation."""
    return isinstance(layer, Labels) and LINK in layer.metadata


def numbers_in(labels: np.ndarray) -> list[int]:
    """Return the numbers of all objects in labels."""
    highest = int(labels.max(initial=0))
    if highest > labels.size:
        return np.unique(labels[labels > 0]).tolist()
    there, flat = np.zeros(highest + 1, bool), labels.ravel()
    for first in range(0, flat.size, COUNTED):
        counts = np.bincount(flat[first : first + COUNTED])
        there[: counts.size] |= counts > 0
    return (np.flatnonzero(there[1:]) + 1).tolist()


def annotation_of(layer: Labels) -> Annotation:
    """Copy what was painted; to be called on the thread of the window, which waits for it.

    Parameters
    ----------
    layer
        The objects of an annotation, or any label layer, which is then annotated everywhere.

    Raises
    ------
    UserError
        If a training rectangle is not a rectangle along the axes.
    """
    return at_once(chunked_annotation(layer)).loaded()


def chunked_annotation(layer: Labels) -> ChunkedCopy[Annotation]:
    """Do as `annotation_of`, a chunk at a time; what is computed when asked for stays so."""
    objects = yield from chunked_copy(full_resolution(layer))
    link = layer.metadata.get(LINK)
    if link is None:
        return Annotation(objects)
    marks, rectangles = link["marks"], link["rectangles"]
    none = np.zeros((0, 2, layer.ndim), np.int64)
    painted = None if marks is None else (yield from chunked_copy(marks.data))
    return Annotation(
        instances=objects,
        marks=painted,
        boxes=none if rectangles is None else boxes_of(rectangles, objects.shape),
        classes=dict(link["classes"]),
    )


def annotated_image(image: Image, labels: Labels, weight: Layer | None = None) -> AnnotatedImage:
    """Copy an image with what was painted on it; the thread of the window calls, and waits.

    Parameters
    ----------
    image
        The image; `is_copied` says whether its pixels are copied, too.
    labels
        The objects of an annotation, or any label layer of the image's shape.
    weight
        A painted weight map of the labels' shape.

    Raises
    ------
    UserError
        If the shapes do not fit.
    """
    found = at_once(chunked_annotated_image(image, labels, weight))
    return replace(found, annotation=found.annotation.loaded())


def chunked_annotated_image(
    image: Image, labels: Labels, weight: Layer | None = None
) -> ChunkedCopy[AnnotatedImage]:
    """Do as `annotated_image`, a chunk at a time; what is computed when asked for stays so."""
    pixels = full_resolution(image)
    axes = image_axes(image, full_resolution(labels).shape, labels.name)
    annotation = yield from chunked_annotation(labels)
    if weight is not None:
        annotation = replace(annotation, weight=(yield from chunked_copy(full_resolution(weight))))
    return AnnotatedImage(
        name=image.name,
        image=(yield from chunked_copy(pixels)) if is_copied(pixels) else pixels,
        axes=axes,
        annotation=annotation,
        spacing=spacing_of(image, axes),
        scale=scale_of(image, axes),
    )


def _forget(link: dict[str, Any], event: Any) -> None:
    for part in ("marks", "rectangles", "semantic"):
        if link[part] is event.value:
            link[part] = None
