"""The classes that are exported with the chosen objects."""

from __future__ import annotations

from typing import Any

from napari.components import ViewerModel
from napari.layers import Labels, Layer

from napari_unet.ui.layers.metadata import of_one_image
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.work.dock_widget import Connections


class ClassesBox(LayerBox):
    """Chooses by itself the classes of the image whose objects are chosen, and never another's.

    Parameters
    ----------
    viewer, connections
        As for `LayerBox`.
    instances
        Where the objects are chosen.
    none
        Text of the entry that stands for no classes.
    """

    def __init__(
        self, viewer: ViewerModel, connections: Connections, instances: LayerBox, none: str
    ) -> None:
        self._instances = instances
        super().__init__(viewer, Labels, connections, suffix="semantic", none=none)
        instances.changed.connect(self._pair)

    def _pair(self, _: Any = None) -> None:
        """Choose anew once other objects are chosen."""
        if self.value is None or not self._is_meant(self.value):
            self.value = next(filter(self._is_meant, reversed(self._listed())), None)

    def _is_meant(self, layer: Layer) -> bool:
        objects = self._instances.value
        return super()._is_meant(layer) and (objects is None or of_one_image(objects, layer))
