"""Boxes whose choice is that of the other widgets, too, until the user chooses otherwise there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from napari.components import ViewerModel
from napari.layers import Layer

from napari_unet.core.errors import UserError
from napari_unet.storage.model_header import bundled_models
from napari_unet.ui.layers.image_choice import chosen_for
from napari_unet.ui.widgets.choices import MODEL, Choices, choices_of
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.widgets.models.model_box import ModelBox
from napari_unet.ui.work.dock_widget import Connections


def share_layers(
    boxes: Mapping[str, LayerBox], viewer: ViewerModel, connections: Connections
) -> None:
    """Have what the user chooses in a widget chosen in the others, too, and the other way round.

    Parameters
    ----------
    boxes
        The widget's boxes, by what is chosen in them. Where the user chooses in one of them, none
        of them follows the others any more: an image and its annotation stay together.
    viewer, connections
        The window, and where the connections to it are kept.
    """
    shared = _Shared(
        choices_of(viewer),
        {name: partial(getattr, box, "value") for name, box in boxes.items()},
        {name: partial(_take_layer, box) for name, box in boxes.items()},
    )
    for name, box in boxes.items():
        box.native.activated.connect(partial(shared.choose, name))
    connections.add(shared.choices.changed, shared.follow)


def share_model(box: ModelBox, viewer: ViewerModel, connections: Connections) -> None:
    """Have the model of a box chosen in the others, too; as `share_layers`."""
    take = partial(_take_model, box)
    shared = _Shared(choices_of(viewer), {MODEL: box.path}, {MODEL: take})
    box.native.activated.connect(partial(shared.choose, MODEL))
    connections.add(shared.choices.changed, shared.follow)


class _Shared:
    """What a widget shares: it follows the others until the user chooses something in it."""

    def __init__(
        self,
        choices: Choices,
        values: Mapping[str, Callable[[], Any]],
        takes: Mapping[str, Callable[[Any], None]],
    ) -> None:
        self.choices, self._values, self._takes = choices, values, takes
        self._own = False
        for name in values:
            self.follow(name)

    def choose(self, name: str, _: Any = None) -> None:
        """Have what the user has chosen here chosen in the others, too."""
        self._own = False  # for what belongs to it, such as an image's annotation
        value = self._values[name]()
        if value is not None:  # a network from scratch has no file
            self.choices.choose(name, value)
        self._own = True

    def follow(self, name: str, everywhere: bool = False) -> None:
        """Take what was chosen elsewhere."""
        value = self.choices.get(name) if name in self._values else None
        self._own = self._own and not (value is not None and everywhere)
        if value is not None and not self._own and value != self._values[name]():
            self._takes[name](value)


def _take_layer(box: LayerBox, layer: Layer) -> None:
    if chosen_for(layer, box.choices) in box.choices:
        box.value = layer


def _take_model(box: ModelBox, path: Path) -> None:
    if box.preset() is not None and path in bundled_models().values():
        return  # of which the start of a training is chosen anyway
    try:
        box.add(path)
    except UserError:  # it was moved or deleted since: what is chosen here stays
        return
