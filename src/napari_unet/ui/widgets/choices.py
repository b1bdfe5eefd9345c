"""What was chosen in one widget: the others' choice, too, unless the user chose otherwise there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, ref

from napari.components import ViewerModel
from napari.layers import Image, Layer
from psygnal import Signal

from napari_unet.ui.layers.channel_group import same_image
from napari_unet.ui.layers.image_choice import in_viewer
from napari_unet.ui.layers.metadata import ANNOTATION, MADE, is_weight_map

IMAGE, PAINTED, MODEL = "image", "annotation", "model"
"""What can be chosen: an image layer, the objects layer of an annotation, a model's file."""


class Choices:
    """The image, its annotation and the model that were last chosen in a window.

    A layer that the user selects in napari's list of layers is chosen, too.

    Attributes
    ----------
    changed
        Emitted with what was chosen anew, and whether all widgets are to take it, also those in
        which the user chose otherwise.
    """

    changed = Signal(str, bool)

    def __init__(self, viewer: ViewerModel) -> None:
        self._layers = ref(viewer.layers)
        self._made: dict[str, Callable[[], Any]] = {}
        viewer.layers.selection.events.active.connect(self._selected)

    @property
    def model(self) -> Path | None:
        """The file of the model; every widget takes the one that is set."""
        return self.get(MODEL)

    @model.setter
    def model(self, path: Path) -> None:
        self.choose(MODEL, path, everywhere=True)

    def get(self, name: str) -> Any:
        """Return what is chosen; None where nothing is, or the layer is gone."""
        value = self._made.get(name, lambda: None)()
        gone = isinstance(value, Layer) and in_viewer(value, self._all()) is None
        return None if gone else value

    def choose(self, name: str, value: Any, *, everywhere: bool = False) -> None:
        """Choose something; with an image its annotation, and with an annotation its image.

        Parameters
        ----------
        name, value
            One of `IMAGE`, `PAINTED` and `MODEL`, and a layer or a file.
        everywhere
            Whether widgets take it in which the user chose otherwise.
        """
        self._keep(name, value)
        self.changed.emit(name, everywhere)
        other, belongs = self._belonging(name, value)
        if belongs is not None:
            self._keep(other, belongs)
            self.changed.emit(other, everywhere)

    def _keep(self, name: str, value: Any) -> None:
        self._made[name] = ref(value) if isinstance(value, Layer) else lambda: value

    def _belonging(self, name: str, value: Any) -> tuple[str, Layer | None]:
        """Return what belongs to an image or to an annotation, and what it is."""
        if name == PAINTED:
            return IMAGE, self._image_of(value)
        if name != IMAGE:
            return "", None
        painted = self.get(PAINTED)
        if painted is not None and same_image(self._image_of(painted), value):
            return PAINTED, painted
        return PAINTED, next(
            (each for each in reversed(self._all()) if same_image(self._image_of(each), value)),
            None,
        )

    def _image_of(self, layer: Layer | None) -> Layer | None:
        if layer is None or not _is_annotation(layer):
            return None
        image: Layer | None = layer.metadata[ANNOTATION].image_in(self._all())
        return image

    def _selected(self, event: Any) -> None:
        """Remember the selected layer; the boxes follow the selection by themselves.

        With an annotation its image is chosen: of a file's channels the one that was painted on.
        """
        layer = event.value
        if isinstance(layer, Image) and MADE not in layer.metadata and not is_weight_map(layer):
            self._keep(IMAGE, layer)
        elif isinstance(layer, Layer) and _is_annotation(layer):
            self._keep(PAINTED, layer)
            image = self._image_of(layer)
            if image is not None:
                self._keep(IMAGE, image)

    def _all(self) -> list[Layer]:
        layers = self._layers()
        return [] if layers is None else list(layers)


def _is_annotation(layer: Layer) -> bool:
    """Return whether a layer has the objects of an annotation, and is no duplicate of them."""
    parts = layer.metadata.get(ANNOTATION)
    return parts is not None and parts.objects() is layer


_CHOICES: WeakKeyDictionary[ViewerModel, Choices] = WeakKeyDictionary()


def choices_of(viewer: ViewerModel) -> Choices:
    """Return what is chosen in a window."""
    found = _CHOICES.get(viewer)
    if found is None:
        found = _CHOICES[viewer] = Choices(viewer)
    return found
