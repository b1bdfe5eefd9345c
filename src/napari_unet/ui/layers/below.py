"""The axes of an image that labels lie on, pixel by pixel."""

from __future__ import annotations

from napari.layers import Image, Labels

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.axes import image_axes, stated_axes
from napari_unet.ui.layers.channel_axis import layer_letters, pixels_in
from napari_unet.ui.layers.labels import label_axes
from napari_unet.ui.layers.metadata import MADE


def axes_below(image: Image, layer: Labels | None) -> str:
    """Name the axes of an image that labels lie on, one letter of TZCYX each.

    Parameters
    ----------
    image
        The image layer.
    layer
        Labels of the image's shape without its channels, their axes in the same order; None for
        no labels.

    Raises
    ------
    UserError
        If they do not lie on the image.
    """
    if layer is None:
        return image_axes(image, None)
    turned = _turned(image, layer)
    if turned:
        raise UserError(
            f"“{image.name}” has the axes {' '.join(turned)} and “{layer.name}” "
            f"{' '.join(layer_letters(layer))}: choose labels whose axes have the image's order."
        )
    return image_axes(image, pixels_in(layer).shape, layer.name)


def axes_as_of_labels(image: Image, layer: Labels) -> str:
    """Name the axes of an image by the letters of labels, which may have them in another order.

    Parameters
    ----------
    image, layer
        The image, and labels of it.

    Raises
    ------
    UserError
        If the labels do not fit the image.
    """
    turned = _turned(image, layer)
    if turned:
        return turned
    letters = iter(label_axes(layer))
    return "".join("C" if each == "C" else next(letters) for each in axes_below(image, layer))


def _turned(image: Image, layer: Labels) -> str | None:
    """Return the axes that an image states where labels state the same in another order.

    What was made here lies as its image does, whatever the axes were called then.
    """
    if MADE in layer.metadata:
        return None
    stated, own = stated_axes(image) or "", layer_letters(layer).replace("C", "")
    plain = stated.replace("C", "")
    return stated if plain != own and sorted(plain) == sorted(own) else None
