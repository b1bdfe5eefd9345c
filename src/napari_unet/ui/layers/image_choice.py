"""Which images there are to choose from: layers, and the channels of one file together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from napari.layers import Image, Layer

from napari_unet.core.words import counted
from napari_unet.ui.layers.arrays import own_name
from napari_unet.ui.layers.channel_group import (
    channel_layers,
    group_of,
    is_whole,
    same_image,
    whole_image,
)
from napari_unet.ui.layers.metadata import MADE, is_result_of


def in_viewer(image: Layer, layers: Sequence[Layer]) -> Layer | None:
    """Return the layer that stands for an image in a viewer; None if none does.

    Parameters
    ----------
    image
        A layer, or the image of all channels of a file, of which the uppermost one is returned.
    layers
        The layers of the viewer.
    """
    if image in layers or not is_whole(image):
        return image if image in layers else None
    return next((each for each in reversed(layers) if same_image(each, image)), None)


def choices(layers: Iterable[Layer], channels: int = 0) -> list[Layer]:
    """List the images that there are to choose from.

    Parameters
    ----------
    layers
        The layers of the viewer that are images.
    channels
        How many a model takes: for one, the channels of a file are images; for several, all of
        them are one image; 0 for both.
    """
    listed: list[Layer] = []
    for layer in layers:
        whole = whole_image(layer)
        if whole is not None and channels != 1 and whole not in listed:
            listed.append(whole)
        if whole is None or channels < 2:
            listed.append(layer)
    return listed


def chosen_for(layer: Layer | None, listed: Sequence[Layer]) -> Layer | None:
    """Return a layer, or what is listed in its place: all channels of its file, or one of them."""
    if layer is None or layer in listed:
        return layer
    return next((each for each in listed if same_image(each, layer)), layer)


def is_found_in(result: Layer, image: Layer) -> bool:
    """Return whether a result is of an image, or of its file; of those of others names tell."""
    whole = whole_image(image)
    alike = [image, *channel_layers(image), *([] if whole is None else [whole])]
    return any(is_result_of(result, each) for each in alike)


def is_uncorrected(layer: Layer) -> bool:
    """Return whether a layer is a result in which nobody has changed anything."""
    made = layer.metadata.get(MADE, {}).get("made")
    return made is not None and not made.edited


def is_called_after(layer: Layer, image: Layer) -> bool:
    """Return whether a layer's name begins with that of an image, as a whole word."""
    name, begin = own_name(layer), own_name(image)
    return bool(begin) and name.startswith(begin) and not name[len(begin) :][:1].isalnum()


def other_image(layer: Layer, image: Layer, layers: Iterable[Layer]) -> str:
    """Return the name of another image that labels are of; empty for those of this one, or of none.

    Parameters
    ----------
    layer
        The labels; where nobody has written down of which image they are, their name tells.
    image
        The image for which they are meant.
    layers
        Those of the viewer.
    """
    if is_found_in(layer, image):
        return ""
    known = _known_name(layer)
    if known is not None:
        return known
    images = [each for each in layers if isinstance(each, Image) and MADE not in each.metadata]
    found = next((each for each in images if is_found_in(layer, each)), None)
    called = [each for each in (image, *images) if is_called_after(layer, each)]
    longest = found or max(called, key=lambda each: len(own_name(each)), default=None)
    return "" if longest is None or same_image(longest, image) else str(longest.name)


def title(layer: Layer) -> str:
    """Return what a layer is called where it is chosen."""
    group = group_of(layer)
    if group is None or not is_whole(layer):
        return str(layer.name)
    return f"{layer.name}, {counted(len(group.channels), 'channel')}"


def _known_name(layer: Layer) -> str | None:
    """Return what the image is called that a layer is known to be of; None where nothing is known.

    That of an image which was deleted is what it was called when the layer was made.
    """
    made = layer.metadata.get(MADE, {})
    if made.get("image") is None:
        return None
    image, known = made["image"](), made.get("known")
    if image is not None:
        return str(image.name)
    return "another image" if known is None else str(known.name)
