"""The layers in which a person annotates an image, and what is taken from them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer, Shapes
from napari.utils.colormaps import DirectLabelColormap

from napari_unet.core.annotation import BACKGROUND, IGNORED, NOTHING, AnnotatedImage, Annotation
from napari_unet.ui.image_axes import image_axes
from napari_unet.ui.layers import full_resolution, geometry
from napari_unet.ui.rectangles import boxes_of
from napari_unet.ui.results import MADE
from napari_unet.ui.stated import spacing_of

LINK = "napari_unet_annotation"
"""Key in the metadata of the objects layer; holds what belongs to it."""

MARK_COLOURS = {NOTHING: "#00000000", BACKGROUND: "#3b8cff", IGNORED: "#9a9a9a", None: "#00000000"}
COLOURS = ("#ffb000", "#dc267f", "#648fff", "#00b4a0", "#fe6100", "#9b7bff")
"""Colours of classes that were given none; they can be told apart by colour-blind people."""


def add_annotation(viewer: ViewerModel, image: Image, start: np.ndarray | None = None) -> Labels:
    """Add the three layers of a new annotation to the viewer.

    Parameters
    ----------
    viewer
        The viewer.
    image
        The image to annotate; the layers lie where it lies, without its channel axis.
    start
        Labels that are copied into the annotation's objects; None to start empty.

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
    objects = np.zeros(shape, np.uint32) if start is None else start.astype(np.uint32)
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
        "classes": dict.fromkeys(numbers_in(objects), 1),
        "class_names": ["object"],
        "class_colours": [COLOURS[0]],
        "semantic": None,
    }
    for part in (rectangles, marks, layer):
        viewer.add_layer(part)
    viewer.layers.events.removed.connect(partial(_forget, link))
    return layer


def is_annotation(layer: Layer) -> bool:
    """Return whether a layer holds the objects of an annotation."""
    return isinstance(layer, Labels) and LINK in layer.metadata


def numbers_in(labels: np.ndarray) -> list[int]:
    """Return the numbers of all objects in labels."""
    if labels.max(initial=0) > labels.size:
        return np.unique(labels[labels > 0]).tolist()
    return (np.flatnonzero(np.bincount(labels.ravel())[1:]) + 1).tolist()


def annotation_of(layer: Labels) -> Annotation:
    """Copy what was painted; to be called on the thread of the window.

    Parameters
    ----------
    layer
        The objects of an annotation, or any label layer, which is then annotated everywhere.

    Raises
    ------
    UserError
        If a training rectangle is not a rectangle along the axes.
    """
    objects = np.array(full_resolution(layer))
    link = layer.metadata.get(LINK)
    if link is None:
        return Annotation(objects)
    marks, rectangles = link["marks"], link["rectangles"]
    none = np.zeros((0, 2, layer.ndim), np.int64)
    return Annotation(
        instances=objects,
        marks=None if marks is None else np.array(marks.data),
        boxes=none if rectangles is None else boxes_of(rectangles, objects.shape),
        classes=dict(link["classes"]),
    )


def annotated_image(image: Image, labels: Labels, weight: Layer | None = None) -> AnnotatedImage:
    """Copy an image with what was painted on it; to be called on the thread of the window.

    Parameters
    ----------
    image
        The image.
    labels
        The objects of an annotation, or any label layer of the image's shape.
    weight
        A painted weight map of the labels' shape.

    Raises
    ------
    UserError
        If the shapes do not fit.
    """
    annotation = annotation_of(labels)
    axes = image_axes(image, annotation.instances.shape, labels.name)
    if weight is not None:
        values = np.array(full_resolution(weight), dtype=np.float32)
        annotation = Annotation(
            annotation.instances,
            annotation.marks,
            annotation.boxes,
            annotation.classes,
            values,
        )
    return AnnotatedImage(
        name=image.name,
        image=np.array(full_resolution(image)),
        axes=axes,
        annotation=annotation,
        spacing=spacing_of(image, axes),
    )


def _forget(link: dict[str, Any], event: Any) -> None:
    for part in ("marks", "rectangles", "semantic"):
        if link[part] is event.value:
            link[part] = None
