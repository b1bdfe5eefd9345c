"""Results below a new annotation, which must not hide what is painted."""

from __future__ import annotations

from collections.abc import Iterable

from napari.layers import Image, Labels, Layer

from napari_unet.ui.layers.image_choice import is_found_in
from napari_unet.ui.layers.metadata import has_role

OUTLINE = 2
"""Width in pixels of the image."""


def show_as_outlines(layers: Iterable[Layer], image: Image) -> None:
    """Show the objects and classes that were found in an image, or its file, as outlines."""
    for layer in layers:
        found = any(has_role(layer, role) for role in ("instances", "semantic"))
        if found and isinstance(layer, Labels) and is_found_in(layer, image):
            layer.contour = layer.contour or OUTLINE
