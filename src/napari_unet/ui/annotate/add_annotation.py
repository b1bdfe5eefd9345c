"""The three layers of a new annotation, added to the viewer."""

from __future__ import annotations

from pathlib import Path
from weakref import ref

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Shapes
from napari.utils.colormaps import DirectLabelColormap

from napari_unet.core.annotation.annotation import (
    BACKGROUND,
    IGNORED,
    NOTHING,
    usual_class,
)
from napari_unet.core.image.spacing import Spacing
from napari_unet.io.drafts import Draft, DraftFile, new_draft_path
from napari_unet.storage.folders import autosave_folder
from napari_unet.ui.annotate.annotation_layers import (
    AnnotationLayers,
    usual_colour,
)
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.layers.axes import image_axes, spacing_of
from napari_unet.ui.layers.channel_axis import (
    kept_axes,
    made_geometry,
    place_in_layer,
    with_channel,
)
from napari_unet.ui.layers.metadata import ANNOTATION, MADE

MARK_COLOURS = {NOTHING: "#00000000", BACKGROUND: "#3b8cff", IGNORED: "#9a9a9a", None: "#00000000"}


def add_annotation(
    viewer: ViewerModel, image: Image, start: Draft | None = None, copy: Path | None = None
) -> Labels:
    """Add the three layers of an annotation to the viewer.

    Parameters
    ----------
    viewer
        The viewer.
    image
        The image to annotate; the layers lie where it lies, for all its channels.
    start
        What is painted already; its arrays become those of the layers. None to start empty.
    copy
        Where a copy is kept; None for a new file.

    Returns
    -------
    The layer of the objects, which is active then. Its metadata hold the `AnnotationLayers`.

    Raises
    ------
    UserError
        If `start` does not fit the image.
    """
    axes = image_axes(image, None if start is None else start.objects.shape)
    size, place = full_resolution(image).shape, made_geometry(image, axes)
    letters = "".join(axes[axis] for axis in kept_axes(axes, image.ndim))
    channel = letters.index("C") if "C" in letters else None
    start = start or empty_draft(image.name, size, axes)
    pixel = Spacing.along(axes, spacing_of(image, axes))
    rectangles = Shapes(
        ndim=len(letters),
        name=f"{image.name} rectangles",
        face_color="#ffe00010",
        edge_color="#ffe000",
        edge_width=max(start.objects.shape[-2:]) / 250,
        **place,
    )
    marks = Labels(
        with_channel(_marks(start), channel),
        name=f"{image.name} marks",
        opacity=0.5,
        colormap=DirectLabelColormap(color_dict=MARK_COLOURS),
        metadata={MADE: {"axes": letters, "role": "marks"}},
        **place,
    )
    parts = AnnotationLayers(
        image=ref(image),
        image_name=image.name,
        image_shape=size,
        marks=marks,
        rectangles=rectangles,
        draft=DraftFile(copy or new_draft_path(autosave_folder(), image.name)),
        classes=dict(start.classes),
        class_names=list(start.class_names),
        class_colours=list(start.class_colours),
        highest=start.highest,
    )
    layer = Labels(
        with_channel(start.objects, channel),
        name=f"{image.name} objects",
        metadata={MADE: {"axes": letters, "role": "objects", "pixel": pixel}, ANNOTATION: parts},
        **place,
    )
    layer.preserve_labels = True
    if start.rectangles:
        rectangles.add_rectangles([place_in_layer(each, channel) for each in start.rectangles])
    for part in (rectangles, marks, layer):
        viewer.add_layer(part)
    viewer.layers.events.removed.connect(parts.forget)
    return layer


def empty_draft(name: str, image_shape: tuple[int, ...], axes: str) -> Draft:
    """Return an annotation of which nothing is painted yet.

    Parameters
    ----------
    name, image_shape
        Of the image.
    axes
        One letter of TZCYX per axis of the image.
    """
    sizes = zip(axes, image_shape, strict=True)
    shape = tuple(size for letter, size in sizes if letter != "C")
    return Draft(
        image=name,
        image_shape=image_shape,
        objects=np.zeros(shape, np.uint32),
        highest=0,
        class_names=[usual_class(1)],
        class_colours=[usual_colour(1)],
    )


def _marks(start: Draft) -> np.ndarray:
    return np.zeros(start.objects.shape, np.uint8) if start.marks is None else start.marks
