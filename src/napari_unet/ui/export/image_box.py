"""The image that pictures and OME-Zarr show below the objects."""

from __future__ import annotations

from typing import Any

from napari.components import ViewerModel
from napari.layers import Image

from napari_unet.ui.layers.metadata import is_result_of
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.work.dock_widget import Connections


class ImageBox(LayerBox):
    """Chooses by itself the image in which the chosen objects were found.

    Parameters
    ----------
    viewer, connections
        As for `LayerBox`.
    instances
        Where the objects are chosen.
    none
        Text of the entry that stands for no image.
    """

    def __init__(
        self, viewer: ViewerModel, connections: Connections, instances: LayerBox, none: str
    ) -> None:
        self._instances = instances
        super().__init__(viewer, Image, connections, none=none)
        instances.changed.connect(self._pair)
        self._pair()

    def _pair(self, _: Any = None) -> None:
        """Choose anew once other objects are chosen."""
        objects = self._instances.value
        of_objects = (
            layer for layer in reversed(self._listed()) if objects and is_result_of(objects, layer)
        )
        self.value = next(of_objects, None)
