"""The layers in which a person annotates an image, and the classes of its objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeGuard
from weakref import ReferenceType, ref

import numpy as np
from napari.components import LayerList
from napari.layers import Image, Labels, Layer, Shapes

from napari_unet.core.annotation.annotation import free_class, usual_class, usual_colour
from napari_unet.core.annotation.record import Record
from napari_unet.core.errors import UserError
from napari_unet.io.annotations.drafts import DraftFile
from napari_unet.ui.layers.arrays import Fingerprint, own_name
from napari_unet.ui.layers.image_choice import choices, in_viewer
from napari_unet.ui.layers.metadata import ANNOTATION

if TYPE_CHECKING:
    from napari_unet.ui.annotate.saving.autosave import Autosave
    from napari_unet.ui.annotate.tools.class_steps import ClassStep


@dataclass(eq=False)
class AnnotationLayers:
    """The layers that belong to the objects of an annotation, and the classes of its objects.

    Parameters
    ----------
    image
        The annotated image, whatever it is called now.
    known
        By what the image is known again after it was closed.
    marks, rectangles, semantic
        None where there is no such layer, or it was deleted.
    draft
        The file that keeps a copy until the annotation is saved.
    classes
        Class of each object.
    class_names, class_colours
        Name and colour of each class, from 1 on.
    highest
        The highest number that an object has; None where that is not known.
    record
        Who made the objects, once they are proof-read.
    as_found
        Whether the objects are those of a result, and nobody has changed anything in them yet.
    objects
        Their layer; a duplicate of it has all this, too, and is no annotation.
    class_steps
        Which classes were given, as far as napari can take that back.
    autosave
        What keeps the copy while the objects are in a viewer.
    """

    image: ReferenceType[Image]
    known: Fingerprint
    marks: Labels | None
    rectangles: Shapes | None
    draft: DraftFile
    semantic: Labels | None = None
    classes: dict[int, int] = field(default_factory=dict)
    class_names: list[str] = field(default_factory=list)
    class_colours: list[str] = field(default_factory=list)
    highest: int | None = None
    record: Record | None = None
    as_found: bool = False
    objects: Callable[[], Labels | None] = lambda: None
    class_steps: list[ClassStep] = field(default_factory=list)
    autosave: Autosave | None = None

    def image_in(self, layers: Sequence[Layer]) -> Image | None:
        """Return the annotated image; None if it is not among some layers.

        An image that was deleted and opened again is another layer: of that, name and pixels tell.
        """
        image = self.image()
        if image is not None and in_viewer(image, layers) is not None:
            return image
        again = next((each for each in choices(layers) if self._is_like(each)), None)
        if again is not None:
            self.image = ref(again)
        return again

    def name_now(self) -> str:
        """Return what the image is called now, or was when the annotation was begun."""
        image = self.image()
        return self.known.name if image is None else str(image.name)

    def add_class(self) -> int:
        """Add a class under a name that none has, and return its number."""
        number = len(self.class_names) + 1
        usual = free_class(number, self.class_names)
        self.class_names.append(usual_class(usual))
        self.class_colours.append(usual_colour(usual))
        return number

    def rename_class(self, number: int, name: str) -> None:
        """Give a class another name.

        Raises
        ------
        UserError
            If another class is called so.
        """
        if name in (each for other, each in enumerate(self.class_names, 1) if other != number):
            raise UserError(f"There is a class “{name}” already: give each class its own name.")
        self.class_names[number - 1] = name

    def remove_from(self, layers: LayerList) -> None:
        """Remove all but the objects from a viewer."""
        for part in (self.marks, self.rectangles, self.semantic):
            if part in layers:
                layers.remove(part)

    def forget(self, event: Any) -> None:
        """Forget a layer that was removed from the viewer."""
        for part in ("marks", "rectangles", "semantic"):
            if getattr(self, part) is event.value:
                setattr(self, part, None)

    def note_edits(self, event: Any) -> None:
        """Note which objects a person changes, from what napari tells of a step of painting."""
        self.as_found = False
        if self.record is not None:
            touched = [np.unique(values) for step in event.value for values in step[-2:]]
            self.record = self.record.editing(np.concatenate(touched).tolist())

    def _now(self) -> Fingerprint:
        """Return by what the image is known, under its present name."""
        image = self.image()
        return self.known if image is None else replace(self.known, name=own_name(image))

    def _is_like(self, layer: Layer) -> TypeGuard[Image]:
        return isinstance(layer, Image) and (self.known.fits(layer) or self._now().fits(layer))


def annotation_layers(layer: Layer) -> AnnotationLayers | None:
    """Return what belongs to the objects of an annotation; None for any other layer."""
    parts: AnnotationLayers | None = layer.metadata.get(ANNOTATION)
    return parts


def is_annotation(layer: Layer) -> bool:
    """Return whether a layer holds the objects of an annotation."""
    parts = annotation_layers(layer)
    return isinstance(layer, Labels) and parts is not None and parts.objects() is layer
