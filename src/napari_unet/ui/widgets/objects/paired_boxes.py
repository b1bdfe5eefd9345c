"""What belongs to the chosen objects: their classes, and the image in which they were found."""

from __future__ import annotations

from typing import Any

from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer

from napari_unet.ui.layers.below import lie_on
from napari_unet.ui.layers.image_choice import is_found_in
from napari_unet.ui.layers.metadata import ANNOTATION, is_result_of, knows_image
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.widgets.objects.likely_image import (
    guess_note,
    image_note,
    likely_image,
    shear_note,
)
from napari_unet.ui.widgets.objects.one_result import of_one_result
from napari_unet.ui.work.dock_widget import Connections


class PairedBox(LayerBox):
    """Chooses anew by itself once other objects are chosen.

    Parameters
    ----------
    viewer, kind, connections, suffix
        As for `LayerBox`.
    instances
        Where the objects are chosen.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        kind: type[Layer],
        connections: Connections,
        instances: LayerBox,
        suffix: str = "",
    ) -> None:
        self._instances = instances
        super().__init__(viewer, kind, connections, suffix=suffix, none="none")
        instances.changed.connect(self._pair)
        self._pair()

    def _pair(self, _: Any = None) -> None:
        """Choose what belongs to the objects."""
        if self.value is None or not self._belongs(self.value):
            self.value = next(filter(self._belongs, reversed(self._listed())), None)

    def _belongs(self, layer: Layer) -> bool:
        """Return whether a layer belongs to the objects."""
        raise NotImplementedError


class ClassesBox(PairedBox):
    """Chooses the classes of the objects that are chosen: their annotation's, or their image's."""

    def __init__(self, viewer: ViewerModel, connections: Connections, instances: LayerBox) -> None:
        super().__init__(viewer, Labels, connections, instances, "semantic")

    def _is_meant(self, layer: Layer) -> bool:
        objects = self._instances.value
        parts = None if objects is None else objects.metadata.get(ANNOTATION)
        if parts is not None:
            return layer is parts.semantic
        return super()._is_meant(layer) and (objects is None or of_one_result(objects, layer))

    def _belongs(self, layer: Layer) -> bool:
        return self._is_meant(layer)


class ImageBox(PairedBox):
    """Chooses the image in which the chosen objects were found.

    For objects of which nobody knows the image it is one of their size, see `likely_image`.
    """

    def __init__(self, viewer: ViewerModel, connections: Connections, instances: LayerBox) -> None:
        super().__init__(viewer, Image, connections, instances)
        self.changed.connect(self.lay)
        instances.changed.connect(self.lay)
        self.lay()

    def lay(self, *more: Any) -> None:
        """Have the chosen objects lie on the chosen image, see `lie_on`."""
        if self._instances.value is not None:
            lie_on(self._instances.value, self.value)

    def note(self, what: str) -> str:
        """Say which image is chosen where it is not the one known to be the objects'; a sentence.

        Parameters
        ----------
        what
            Begins it, such as ``"Grey values are of"``.
        """
        objects = self._instances.value
        return "" if objects is None else image_note(what, objects, self.value, self._plain())

    def unknown(self) -> list[str]:
        """Say what is not known of the axes of the chosen objects, a sentence for each."""
        objects = self._instances.value
        notes = [] if objects is None else [guess_note(objects, self.value), shear_note(objects)]
        return [note for note in notes if note]

    def _pair(self, _: Any = None) -> None:
        objects = self._instances.value
        unknown = objects is not None and not knows_image(objects)
        if not unknown or any(map(self._belongs, self._listed())):
            super()._pair()
        else:
            self._choose_likely(likely_image(objects, self._plain(), self.value))

    def _choose_likely(self, image: Layer | None) -> None:
        self.value = image

    def _plain(self) -> list[Layer]:
        """Return the images that no model made."""
        return [each for each in self._listed() if super(ImageBox, self)._is_meant(each)]

    def _is_meant(self, layer: Layer) -> bool:
        objects = self._instances.value
        return super()._is_meant(layer) and (objects is None or _may_be_of(objects, layer))

    def _belongs(self, layer: Layer) -> bool:
        objects = self._instances.value
        return objects is not None and is_result_of(objects, layer)


class LikelyImageBox(ImageBox):
    """Keeps its choice where there are no objects, or no image may be theirs."""

    def _pair(self, _: Any = None) -> None:
        if self._instances.value is not None:
            super()._pair()

    def _choose_likely(self, image: Layer | None) -> None:
        if image is not None:
            self.value = image


def _may_be_of(objects: Layer, image: Layer) -> bool:
    """Return whether objects may be of an image or its file, as far as is known."""
    return not knows_image(objects) or is_found_in(objects, image)
