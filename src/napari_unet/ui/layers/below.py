"""The axes of labels and of the image that they lie on, pixel by pixel."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import ref

from napari.layers import Image, Labels, Layer

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import STACK
from napari_unet.core.image.spacing import Listed, Spacing
from napari_unet.ui.layers.axes import fits, image_axes, spacing_of, stated_axes, timed_axes
from napari_unet.ui.layers.channel_axis import channel_axis, layer_letters, pixels_in
from napari_unet.ui.layers.metadata import BELOW, MADE


def lie_on(layer: Labels, *others: Image | Labels | None) -> None:
    """Remember with which layers labels were chosen: what they do not say, these say for them.

    Parameters
    ----------
    layer
        The labels.
    others
        Their image, or other labels of it; the first that says something counts.
    """
    layer.metadata[BELOW] = tuple(ref(each) for each in others if each not in (None, layer))


def label_axes(layer: Labels | Image) -> str:
    """Name the axes of `pixels_in` a layer, one letter of T, Z, Y, X each; for two to four axes."""
    return told_axes(layer) or STACK[-pixels_in(layer).ndim :]


def told_axes(layer: Labels | Image) -> str:
    """Name the same axes where the layer tells them, or one that it lies on; else nothing."""
    count, letters = pixels_in(layer).ndim, layer_letters(layer).replace("C", "")
    own = letters if len(letters) == count else timed_axes(layer)
    return own or next((axes for axes in map(_letters, _lies_on(layer)) if axes), "")


def place_axes(layer: Labels | Image) -> str:
    """Name the axes along which a layer lies in the world, one letter of T, Z, C, Y, X each."""
    axes, channel = label_axes(layer), channel_axis(layer)
    return axes if channel is None else f"{axes[:channel]}C{axes[channel:]}"


def label_spacing(layer: Labels | Image) -> Listed:
    """Return the size of a pixel in µm as `Spacing.listed`: a layer's, or that it lies on."""
    axes = place_axes(layer)
    sizes = (Spacing.along(named, spacing_of(each, named)) for each, named in saying(layer))
    return next(filter(None, (size.listed(axes) for size in sizes)), ())


def saying(layer: Labels | Image) -> Iterator[tuple[Layer, str]]:
    """Yield a layer and those that it lies on, each with its axes."""
    yield layer, place_axes(layer)
    for each in _lies_on(layer):
        image = isinstance(each, Image)
        yield each, image_axes(each, pixels_in(layer).shape) if image else place_axes(each)


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


def _lies_on(layer: Labels | Image) -> Iterator[Image | Labels]:
    """Yield the layers that labels were made for or chosen with, as far as their shapes fit."""
    made_for = layer.metadata.get(MADE, {}).get("image")
    for each in filter(None, (made_for, *layer.metadata.get(BELOW, ()))):
        other = each()
        if other is not None and _fits(other, pixels_in(layer).shape):
            yield other


def _fits(below: Image | Labels, shape: tuple[int, ...]) -> bool:
    return fits(below, shape) if isinstance(below, Image) else pixels_in(below).shape == shape


def _letters(layer: Image | Labels) -> str:
    stated = stated_axes(layer) if isinstance(layer, Image) else layer_letters(layer)
    return (stated or "").replace("C", "")


def _misfit(below: Image | Labels, layer: Labels) -> UserError:
    one, other = (" ".join(_letters(each)) for each in (below, layer))
    return UserError(
        f"“{below.name}” has the axes {one} and “{layer.name}” {other}: choose layers whose axes "
        "have the same order."
    )
