"""A combobox of labels that chooses the objects that the user looked at last."""

from __future__ import annotations

from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer

from napari_unet.ui.layers.metadata import ANNOTATION, is_result_of
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.work.dock_widget import Connections


class ObjectsBox(LayerBox):
    """Chooses among results and annotations: the active one, else the uppermost that is visible.

    Those of the image whose layer is active come first.

    Parameters
    ----------
    viewer, connections, none
        As for `LayerBox`.
    """

    def __init__(self, viewer: ViewerModel, connections: Connections, none: str = "") -> None:
        super().__init__(viewer, Labels, connections, suffix="instances", none=none)

    def _is_meant(self, layer: Layer) -> bool:
        return ANNOTATION in layer.metadata or super()._is_meant(layer)

    def _likely(self, listed: list[Layer]) -> list[Layer]:
        likely = super()._likely(listed)
        return sorted(likely, key=lambda layer: (self._is_beside_active(layer), layer.visible))

    def _is_beside_active(self, layer: Layer) -> bool:
        """Return whether the active layer is the image of objects, or of their annotation."""
        active, parts = self._viewer.layers.selection.active, layer.metadata.get(ANNOTATION)
        if isinstance(active, Image):
            return is_result_of(layer, active)
        painted = () if parts is None else (parts.marks, parts.rectangles, parts.semantic)
        return active is not None and active in painted
