"""Which layers the boxes of *Annotate* list."""

from __future__ import annotations

from napari.layers import Layer

from napari_unet.ui.annotate.annotation_layers import is_annotation
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.widgets.layer_box import LayerBox


class StartBox(LayerBox):
    """Lists what an annotation may start from; nothing is chosen by itself."""

    def _is_meant(self, layer: Layer) -> bool:
        return False


class AnnotationBox(LayerBox):
    """Lists the objects layers of annotations."""

    def _listed(self) -> list[Layer]:
        return [layer for layer in super()._listed() if is_annotation(layer)]

    def _is_meant(self, layer: Layer) -> bool:
        return True


class ResultBox(LayerBox):
    """Lists what objects may be taken from: results, and labels that are no part of annotations."""

    def _listed(self) -> list[Layer]:
        parts = {"objects", "marks", "classes", "changes"}
        listed = super()._listed()
        return [each for each in listed if each.metadata.get(MADE, {}).get("role") not in parts]
