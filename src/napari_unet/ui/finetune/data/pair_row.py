"""An image layer with its annotation, chosen from the layers of the window."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QFrame, QGridLayout, QLabel, QToolButton

from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.core.errors import UserError
from napari_unet.ui.annotate.annotation_copies import chunked_annotated_image
from napari_unet.ui.finetune.data.partner import is_weights, obvious_image, partner
from napari_unet.ui.layers.below import axes_below
from napari_unet.ui.layers.channel_group import same_image
from napari_unet.ui.layers.metadata import weight_map_state
from napari_unet.ui.widgets.axes_box import AxesBox
from napari_unet.ui.widgets.choices import IMAGE, PAINTED, choices_of
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.widgets.layout import native
from napari_unet.ui.work.copies import ChunkedCopy
from napari_unet.ui.work.dock_widget import Connections

_TIPS = {
    "image": "The image to learn from.",
    "axes": "What each axis of the image is. Change it where time and depth are mixed up.",
    "labels": "What was painted on it: the objects of an annotation, or a layer of labels.",
    "weight": "A painted weight map, used as it is; “made” to make it from the objects. "
    "Choose a map where you have painted on one.",
}


class _Box(LayerBox):
    """A layer box that leaves the choice to its pair."""

    def _follow(self, event: Any = None) -> None:
        pass

    def _is_meant(self, layer: Layer) -> bool:
        return False


class _WeightBox(_Box):
    """Lists weight maps only, not what the microscope saw."""

    def _listed(self) -> list[Layer]:
        return [layer for layer in super()._listed() if is_weights(layer)]


class Pair(QFrame):
    """An image and its annotation, chosen from the viewer's layers.

    Until the user chooses, the image is the active one or the first that is annotated; the
    annotation follows the image, and a weight map goes with it.

    Parameters
    ----------
    viewer, connections
        As for `LayerBox`.
    taken
        Returns the layers of the other pairs, which are not chosen by themselves.

    Attributes
    ----------
    changed, removed
        Emitted when another layer is chosen, and when the pair is to go.
    """

    changed = Signal()
    removed = Signal()

    def __init__(
        self,
        viewer: ViewerModel,
        connections: Connections,
        taken: Callable[[Pair], Collection[Layer]] = lambda _: (),
    ) -> None:
        super().__init__()
        self._viewer, self._taken = viewer, taken
        self.image = _Box(viewer, Image, connections, none="choose an image")
        self.axes = AxesBox(lambda image: axes_below(image, self.labels.value))
        self.labels = _Box(viewer, Labels, connections, none="choose an annotation")
        self.weight = _WeightBox(viewer, Image, connections, none="made")
        self.remove = QToolButton()
        self.remove.setText("✕")
        self.remove.setToolTip("Do not learn from this pair.")
        self._chosen = self._guessing = False
        self._weighed: Layer | None = None
        self._lay_out()
        self.remove.clicked.connect(self.removed)
        self.image.changed.connect(self._image_chosen)
        self.image.native.activated.connect(lambda _: self._image_chosen(self.image.value))
        self._choices = choices_of(viewer)
        for name, box in ((IMAGE, self.image), (PAINTED, self.labels)):
            box.native.activated.connect(partial(self._share, name))
        for box in (self.image, self.labels, self.weight):
            box.changed.connect(self._tell)
        self.axes.changed.connect(self.changed)
        events = viewer.layers.events
        for event in (events.inserted, events.removed, viewer.layers.selection.events.active):
            connections.add(event, self._guess)
        connections.add(self._choices.changed, self._guess)
        self._guess()
        self._show_axes()

    def copy(self) -> ChunkedCopy[AnnotatedImage]:
        """Copy both layers, a chunk at a time.

        Raises
        ------
        UserError
            If one is not chosen, or they do not fit.
        """
        image, labels = self.image.value, self.labels.value
        if image is None:
            raise UserError("No image is chosen to learn from: choose one under Image.")
        if labels is None:
            raise UserError(
                f"“{image.name}” has no annotation: paint some objects with the Annotate widget, "
                "or choose a layer of labels."
            )
        self.axes.check()
        weight = self.weight.value
        state = None if weight is None else weight_map_state(weight)
        if weight is not None and state is not None and not state.complete:
            raise UserError(
                f"“{weight.name}” holds only what was in view: click Apply in the Weight map "
                "widget first, or choose “made”."
            )
        return (yield from chunked_annotated_image(image, labels, weight))

    def settle(self) -> None:
        """Keep the choice, whichever layer becomes active."""
        self._chosen = True

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(3)
        layout.setColumnStretch(1, 1)
        rows = (
            ("Image", "image"),
            ("Axes", "axes"),
            ("Annotation", "labels"),
            ("Weights", "weight"),
        )
        self._words = {}
        for row, (title, name) in enumerate(rows):
            self._words[name] = QLabel(title)
            box = native(getattr(self, name))
            for part in (self._words[name], box):
                part.setToolTip(_TIPS[name])
            layout.addWidget(self._words[name], row, 0)
            layout.addWidget(box, row, 1)
        self._words["axes"].setContentsMargins(0, 4, 0, 0)
        layout.setAlignment(self._words["axes"], Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.remove, 0, 2)

    def _image_chosen(self, image: Image | None) -> None:
        if not self._guessing and image is not None:
            self._chosen = True
            self.labels.value = partner(image, self._viewer.layers, self._taken(self))
        if image is not self._weighed:  # a map of another image is none of this one
            self._weighed, self.weight.value = image, None

    def _guess(self, event: Any = None) -> None:
        layers = self._viewer.layers
        maps = any(map(is_weights, layers))
        self.weight.visible = maps
        self._words["weight"].setVisible(maps)
        if self._chosen and self.image.value is not None:
            return
        self._chosen, self._guessing = False, True
        taken = self._taken(self)
        free = [each for each in layers if not any(same_image(each, one) for one in taken)]
        before = self.image.value, self.labels.value
        chosen = self._choices.get(IMAGE) or layers.selection.active
        image = obvious_image(free, chosen, before[0], taken)
        self.image.value = image
        self._guessing = False
        if image is not before[0] or before[1] is None:
            self.labels.value = partner(image, layers, taken)

    def _share(self, name: str, _: Any = None) -> None:
        """Have what the user chooses here chosen in the other widgets, too."""
        layer = (self.image if name == IMAGE else self.labels).value
        if layer is not None:
            self._choices.choose(name, layer)

    def _tell(self, layer: Layer | None = None) -> None:
        self._show_axes()
        self.changed.emit()

    def _show_axes(self) -> None:
        shown = self.axes.show_layer(self.image.value)
        self.axes.setVisible(shown)
        self._words["axes"].setVisible(shown)
