"""The axis of length 1 that stands for an image's channels in a layer that is made for the image.

The viewer lays axes over each other from the last one on. So a layer that lacks a channel axis
in the middle would be moved by the wrong sliders: what is made for Z C Y X has the shape
Z 1 Y X, stretched over all channels. Where the channels come first no axis stands for them.
"""

from __future__ import annotations

from typing import Any
from weakref import ReferenceType

import numpy as np
import numpy.typing as npt
from napari.layers import Image, Layer

from napari_unet.core.image.axes import LETTERS, letters_of
from napari_unet.ui.layers.arrays import full_resolution, part_of
from napari_unet.ui.layers.axes import typed_axes
from napari_unet.ui.layers.geometry import geometry
from napari_unet.ui.layers.metadata import MADE


def kept_axes(axes: str, ndim: int) -> list[int]:
    """Return which axes of an image a layer has that is made for it.

    Parameters
    ----------
    axes
        One letter of TZCYX per axis of the image's array.
    ndim
        How many axes the image's layer has; the colours of RGB are none of them.
    """
    return [axis for axis, letter in enumerate(axes[:ndim]) if axis or letter != "C"]


def made_geometry(image: Layer, axes: str) -> dict[str, Any]:
    """Return where a layer lies that is made for an image, as keyword arguments.

    Parameters
    ----------
    image
        The image layer.
    axes
        One letter of TZCYX per axis of its array.
    """
    kept = kept_axes(axes, image.ndim)
    place, letters = geometry(image, kept), "".join(axes[axis] for axis in kept)
    if "C" in letters:
        channel = letters.index("C")
        middle = np.zeros(len(kept))
        middle[channel] = (full_resolution(image).shape[kept[channel]] - 1) / 2
        place["translate"] = moved(place, middle)
        place["scale"][channel] *= 2 * middle[channel] + 1
    return place


def moved(place: dict[str, Any], pixel: npt.ArrayLike) -> np.ndarray:
    """Return the translation of a layer that begins at a pixel of another one's place."""
    linear = place["rotate"] @ place["shear"] @ np.diag(place["scale"])
    moved: np.ndarray = place["translate"] + linear @ np.asarray(pixel, float)
    return moved


def channel_axis(layer: Layer) -> int | None:
    """Return which axis of labels or of a weight map stands for channels; None if none does."""
    letters = layer_letters(layer)
    if "C" not in letters or full_resolution(layer).shape[letters.index("C")] != 1:
        return None
    return letters.index("C")


def layer_letters(layer: Layer) -> str:
    """Name the axes of labels or of a weight map, one letter of TZCYX each; empty if unknown.

    What was made for an image has its axes, also where a person has named them since.
    """
    stated = letters_of(layer.axis_labels)
    made = layer.metadata.get(MADE, {})
    for letters in (_letters_of(made.get("image")), stated, made.get("axes", "")):
        if len(letters) == layer.ndim == len(set(letters)) and not set(letters) - set(LETTERS):
            return str(letters)
    return ""


def _letters_of(made_for: ReferenceType[Image] | None) -> str:
    """Return the axes that a person has typed for an image, as what is made for it has them."""
    image = None if made_for is None else made_for()
    axes = "" if image is None else typed_axes(image) or ""
    return "" if image is None else "".join(axes[each] for each in kept_axes(axes, image.ndim))


def pixels_in(layer: Layer) -> Any:
    """Return the array of labels or of a weight map, without the axis that stands for channels.

    It shares the layer's memory, or stays lazy.
    """
    channel, data = channel_axis(layer), full_resolution(layer)
    return data if channel is None else part_of(data, (slice(None),) * channel + (0,))


def with_channel(pixels: Any, channel: int | None) -> Any:
    """Return an array with an axis of length 1 at a place; as it is for None."""
    return pixels if channel is None else part_of(pixels, (slice(None),) * channel + (np.newaxis,))


def place_in_layer(place: npt.ArrayLike, channel: int | None) -> np.ndarray:
    """Return places as they lie in a layer one of whose axes stands for channels.

    Parameters
    ----------
    place
        ``(..., axes)``: the last axis has one number for each axis of `pixels_in` the layer.
    channel
        As of `channel_axis`.
    """
    return np.array(place) if channel is None else np.insert(place, channel, 0, axis=-1)


def place_in_pixels(place: npt.ArrayLike, channel: int | None) -> np.ndarray:
    """Return places in a layer as they lie in `pixels_in` it; undoes `place_in_layer`."""
    return np.array(place) if channel is None else np.delete(place, channel, axis=-1)
