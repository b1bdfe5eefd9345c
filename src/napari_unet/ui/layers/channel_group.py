"""The channels of one file, each a layer of its own, and the image that they are together.

That image is a layer, too, which is in no viewer: the widgets list it, and whatever takes a layer
takes it. Its channels come first, so that what is made for it fits each of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

import numpy as np
from napari.layers import Image, Layer

from napari_unet.core.image.axes import SPATIAL, letters_of
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.layers.geometry import geometry
from napari_unet.ui.layers.metadata import CHANNEL


@dataclass(eq=False)
class ChannelGroup:
    """The channels of one file.

    Parameters
    ----------
    name
        What the file is called.
    channels
        What the channels are called.
    levels
        The file's array, or those of its pyramid, the finest first; their first axis is the
        channels.
    parts
        The finest array of each channel's layer.
    image
        The image of all channels, once it was asked for.
    layers
        The layers that it was asked for by.
    joined
        Whether it is no file: another reader, or a script, has made the layers of one array.
    """

    name: str
    channels: tuple[str, ...]
    levels: tuple[Any, ...]
    parts: tuple[Any, ...]
    image: Image | None = None
    layers: WeakSet[Layer] = field(default_factory=WeakSet)
    joined: bool = False

    def __deepcopy__(self, memo: dict[int, Any]) -> ChannelGroup:
        return self


@dataclass(frozen=True)
class ChannelOf:
    """Which channel of which file a layer is; all of them where `number` is None."""

    group: ChannelGroup
    number: int | None


def group_of(layer: Layer) -> ChannelGroup | None:
    """Return the file whose channel, or all of whose channels, a layer is.

    A layer that has been given other data is no channel of a file any more.
    """
    channel: ChannelOf | None = layer.metadata.get(CHANNEL)
    if channel is None:
        return None
    group, number = channel.group, channel.number
    own = number is None or full_resolution(layer) is group.parts[number]
    return group if own else None


def channels_of(layer: Layer) -> tuple[int, ...]:
    """Return which channel of its file a layer is, counted from 0; empty where it is all of it."""
    if group_of(layer) is None or layer.metadata[CHANNEL].number is None:
        return ()
    return (layer.metadata[CHANNEL].number,)


def whole_image(layer: Layer) -> Image | None:
    """Return the image of all channels of a layer's file, where the layer lies; None for none."""
    group = group_of(layer)
    if group is None or layer is group.image:
        return None if group is None else group.image
    group.layers.add(layer)
    place = _with_channels(geometry(layer))
    if group.image is None:
        group.image = Image(
            list(group.levels) if len(group.levels) > 1 else group.levels[0],
            multiscale=len(group.levels) > 1,
            rgb=False,
            name=group.name,
            metadata={CHANNEL: ChannelOf(group, None)},
            contrast_limits=(0, 1),
            visible=False,
            **place,
        )
    for name, value in place.items():
        if not np.array_equal(getattr(group.image, name), value):
            setattr(group.image, name, value)
    return group.image


def is_whole(layer: Layer) -> bool:
    """Return whether a layer is the image of all channels of a file."""
    group = group_of(layer)
    return group is not None and group.image is layer


def channel_layers(layer: Layer) -> list[Layer]:
    """Return the layers of the channels of a layer's file, as far as they were ever listed."""
    group = group_of(layer)
    return [] if group is None else [each for each in group.layers if group_of(each) is group]


def same_image(one: Layer | None, other: Layer | None) -> bool:
    """Return whether two layers are one image: the same layer, or channels of one file."""
    if one is None or other is None or one is other:
        return one is other
    group = group_of(one)
    return group is not None and group is group_of(other)


def _with_channels(place: dict[str, Any]) -> dict[str, Any]:
    """Return a layer's place with an axis of channels before the others."""
    labels = place["axis_labels"]
    named = bool(letters_of(labels)) or len(labels) > len(SPATIAL[2])
    return {
        "scale": np.append(1.0, place["scale"]),
        "translate": np.append(0.0, place["translate"]),
        **{name: _after_one(place[name]) for name in ("rotate", "shear", "affine")},
        "units": ("pixel", *place["units"]),
        "axis_labels": ("c", *(labels if named else SPATIAL[2].lower())),
    }


def _after_one(matrix: np.ndarray) -> np.ndarray:
    wider = np.eye(len(matrix) + 1)
    wider[1:, 1:] = matrix
    return wider
