"""The image of an annotation where it cannot be done without."""

from __future__ import annotations

from collections.abc import Sequence

from napari.layers import Image, Layer

from napari_unet.core.errors import UserError
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers


def annotated_image(parts: AnnotationLayers, layers: Sequence[Layer]) -> Image:
    """Return the annotated image.

    Raises
    ------
    UserError
        If it is not among some layers; it may be that another one of its name is.
    """
    image = parts.image_in(layers)
    if image is not None:
        return image
    name = parts.known.name  # what its file calls it
    if any(isinstance(each, Image) and parts.known.is_called_as(each) for each in layers):
        raise UserError(
            f"The “{name}” that is open is another image than the one that was annotated: close "
            "it, and open that one."
        )
    raise UserError(f"The image “{name}” is not open any more: open it again under this name.")
