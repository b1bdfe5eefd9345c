"""The three layers of a new annotation, added to the viewer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import ref

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Shapes
from napari.utils.colormaps import DirectLabelColormap

from napari_unet.core.annotation.annotation import (
    BACKGROUND,
    IGNORED,
    NOTHING,
)
from napari_unet.core.image.spacing import Spacing
from napari_unet.io.annotations.drafts import Draft, DraftFile, new_draft_path
from napari_unet.storage.folders import autosave_folder
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.annotate.start import empty_draft
from napari_unet.ui.layers.arrays import fingerprint, full_resolution
from napari_unet.ui.layers.axes import image_axes, spacing_of
from napari_unet.ui.layers.channel_axis import (
    kept_axes,
    made_geometry,
    place_in_layer,
    with_channel,
)
from napari_unet.ui.layers.metadata import ANNOTATION, MADE

MARK_COLOURS = {NOTHING: "#00000000", BACKGROUND: "#3b8cff", IGNORED: "#9a9a9a", None: "#00000000"}


@dataclass(frozen=True)
class _Place:
    """Where the layers of an annotation lie: the letters of their axes, and napari's arguments."""

    letters: str
    geometry: dict[str, Any]

    @property
    def channel(self) -> int | None:
        """Which axis stands for channels; None if none does."""
        return self.letters.index("C") if "C" in self.letters else None


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
    start = start or empty_draft(image.name, full_resolution(image).shape, axes)
    letters = "".join(axes[axis] for axis in kept_axes(axes, image.ndim))
    place = _Place(letters, made_geometry(image, axes))
    rectangles, marks = _rectangles(image.name, start, place), _marks(image.name, start, place)
    parts = _parts(image, start, (marks, rectangles), copy)
    pixel = Spacing.along(axes, spacing_of(image, axes))
    made = {"axes": letters, "role": "objects", "pixel": pixel}
    made |= {"image": ref(image), "known": parts.known}
    layer = Labels(
        with_channel(start.objects, place.channel),
        name=f"{image.name} objects",
        metadata={MADE: made, ANNOTATION: parts},
        **place.geometry,
    )
    parts.objects = ref(layer)
    layer.events.paint.connect(parts.note_edits)
    layer.preserve_labels = True
    for part in (rectangles, marks, layer):
        viewer.add_layer(part)
    viewer.layers.events.removed.connect(parts.forget)
    return layer


def _rectangles(name: str, start: Draft, place: _Place) -> Shapes:
    layer = Shapes(
        ndim=len(place.letters),
        name=f"{name} rectangles",
        face_color="#ffe00010",
        edge_color="#ffe000",
        edge_width=max(start.objects.shape[-2:]) / 250,
        **place.geometry,
    )
    if start.rectangles:
        layer.add_rectangles([place_in_layer(each, place.channel) for each in start.rectangles])
    return layer


def _marks(name: str, start: Draft, place: _Place) -> Labels:
    none = start.marks is None
    marks = np.zeros(start.objects.shape, np.uint8) if none else start.marks
    return Labels(
        with_channel(marks, place.channel),
        name=f"{name} marks",
        opacity=0.5,
        colormap=DirectLabelColormap(color_dict=MARK_COLOURS),
        metadata={MADE: {"axes": place.letters, "role": "marks"}},
        **place.geometry,
    )


def _parts(
    image: Image, start: Draft, layers: tuple[Labels, Shapes], copy: Path | None
) -> AnnotationLayers:
    marks, rectangles = layers
    return AnnotationLayers(
        image=ref(image),
        known=fingerprint(image),
        marks=marks,
        rectangles=rectangles,
        draft=DraftFile(copy or new_draft_path(autosave_folder(), image.name)),
        classes=dict(start.classes),
        class_names=list(start.class_names),
        class_colours=list(start.class_colours),
        highest=start.highest,
        record=start.record,
    )
