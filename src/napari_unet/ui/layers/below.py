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
    if _turned(image, layer):
        raise _misfit(image, layer)
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
    if _turned(image, layer):
        return stated_axes(image) or ""
    letters = iter(label_axes(layer))
    return "".join("C" if each == "C" else next(letters) for each in axes_below(image, layer))


def check_order(objects: Labels, *others: Labels | None) -> None:
    """Refuse labels that are put beside objects but say that their axes have another order.

    Raises
    ------
    UserError
        In one sentence, for the first of them.
    """
    for layer in others:
        if layer is not None and _turned(objects, layer):
            raise _misfit(objects, layer)


def _turned(below: Image | Labels, layer: Labels) -> bool:
    """Return whether two layers state the same axes in another order.

    What was made here lies as its image does, whatever the axes were called then.
    """
    if MADE in layer.metadata:
        return False
    one, other = _letters(below), _letters(layer)
    return one != other and sorted(one) == sorted(other)


def _letters(layer: Image | Labels) -> str:
    stated = stated_axes(layer) if isinstance(layer, Image) else layer_letters(layer)
    return (stated or "").replace("C", "")


def _misfit(below: Image | Labels, layer: Labels) -> UserError:
    one, other = (" ".join(_letters(each)) for each in (below, layer))
    return UserError(
        f"“{below.name}” has the axes {one} and “{layer.name}” {other}: choose layers whose axes "
        "have the same order."
    )
