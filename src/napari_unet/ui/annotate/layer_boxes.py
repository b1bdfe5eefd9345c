"""Which layers the boxes of *Annotate* list, and which of them belong to the image."""

from __future__ import annotations

from typing import Any

from napari.components import ViewerModel
from napari.layers import Labels, Layer

from napari_unet.core.errors import UserError
from napari_unet.ui.annotate.annotation_layers import annotation_layers, is_annotation
from napari_unet.ui.layers.channel_group import same_image
from napari_unet.ui.layers.image_choice import is_called_after, is_found_in, other_image
from napari_unet.ui.layers.metadata import MADE, has_role
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.work.dock_widget import Connections


class _OfImage(LayerBox):
    """Gives up what was found in another image."""

    def follow_image(self, image: Layer | None) -> None:
        """Choose what was found in an image, in place of what was found in another one."""
        if image is not None and self.value is not None and self._is_of_other(self.value, image):
            self.value = self._own(image)

    def _own(self, image: Layer) -> Layer | None:
        """Return the uppermost objects of an image."""
        objects = [each for each in self._listed() if _has_objects(each)]
        return next((each for each in reversed(objects) if is_found_in(each, image)), None)

    def _is_of_other(self, layer: Layer, image: Layer) -> bool:
        """Return whether a layer is of another image, which is known or which its name tells."""
        return bool(other_image(layer, image, self._viewer.layers))


class StartBox(_OfImage):
    """Lists what an annotation may start from; nothing is chosen by itself.

    With another image, what was chosen for the one before goes: nothing is copied to an image that
    nobody has chosen for it.
    """

    _for: Layer | None = None
    _asked: tuple[Layer, Layer] | None = None

    def follow_image(self, image: Layer | None) -> None:
        """Choose what is of another image than before: its uppermost objects, or nothing."""
        if image is None or same_image(image, self._for):
            return
        changed, self._for = self._for is not None, image
        value = self.value
        if changed and value is not None and not self._is_of(value, image):
            self.value = self._own(image) or self._called(image)

    def check(self, image: Layer) -> None:
        """Ask about labels of another image, once.

        Raises
        ------
        UserError
            If they are, and it was not asked before.
        """
        labels = self.value
        other = "" if labels is None else other_image(labels, image, self._viewer.layers)
        asked, self._asked = self._asked, None
        if labels is not None and other and asked != (image, labels):
            self._asked = image, labels
            raise UserError(
                f"“{labels.name}” is of “{other}”, not of “{image.name}”: choose other labels, or "
                "click New annotation once more to copy these all the same."
            )

    def _is_of(self, layer: Layer, image: Layer) -> bool:
        return is_found_in(layer, image) or (
            is_called_after(layer, image) and not self._is_of_other(layer, image)
        )

    def _called(self, image: Layer) -> Layer | None:
        """Return the uppermost labels that are called after an image, and are no part of others."""
        plain = [each for each in self._listed() if MADE not in each.metadata]
        return next((each for each in reversed(plain) if self._is_of(each, image)), None)

    def _is_meant(self, layer: Layer) -> bool:
        return False


class AnnotationBox(LayerBox):
    """Lists the objects layers of annotations."""

    def _listed(self) -> list[Layer]:
        return [layer for layer in super()._listed() if is_annotation(layer)]

    def _is_meant(self, layer: Layer) -> bool:
        return True


class ResultBox(_OfImage):
    """Lists what objects may be taken from: results, and labels that are no part of annotations.

    Parameters
    ----------
    viewer, connections
        As for `LayerBox`.
    annotation
        Where the annotation is chosen; a result of its image is chosen with it.
    """

    def __init__(
        self, viewer: ViewerModel, connections: Connections, annotation: AnnotationBox
    ) -> None:
        self._painted = annotation
        super().__init__(viewer, Labels, connections, suffix="instances", none="nothing")
        annotation.changed.connect(self._pair)
        self.changed.connect(self._tell)
        self._tell(self.value)

    def offers(self) -> bool:
        """Return whether there is anything to take objects from."""
        return bool(self._listed())

    def _pair(self, _: Any = None) -> None:
        image = self._image()
        self.follow_image(image)
        if image is not None and self.value is None:
            self.value = self._own(image)

    def _tell(self, layer: Layer | None) -> None:
        """Say the whole name, which the box may cut off."""
        named = "" if layer is None else f": {layer.name}"
        self.tooltip = f"The result whose objects are taken{named}."

    def _image(self) -> Layer | None:
        layer = self._painted.value
        parts = None if layer is None else annotation_layers(layer)
        return None if parts is None else parts.image_in(self._viewer.layers)

    def _listed(self) -> list[Layer]:
        parts = {"objects", "marks", "classes", "changes"}
        listed = super()._listed()
        return [each for each in listed if each.metadata.get(MADE, {}).get("role") not in parts]

    def _is_meant(self, layer: Layer) -> bool:
        image = self._image()
        own = image is None or not self._is_of_other(layer, image)
        return own and super()._is_meant(layer)


def _has_objects(layer: Layer) -> bool:
    return has_role(layer, "instances") or is_annotation(layer)
