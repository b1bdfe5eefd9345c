"""Pictures of files as napari's layers, with all that the files say of axes and pixel size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from napari.layers.utils.layer_utils import calc_data_range
from napari.utils.colormaps import Colormap

from napari_unet.core.image.channels import Channel, named
from napari_unet.core.image.spacing import Spacing
from napari_unet.io.picture import Picture
from napari_unet.ui.layers.arrays import channels_first
from napari_unet.ui.layers.channel_group import ChannelGroup, ChannelOf
from napari_unet.ui.layers.metadata import CHANNEL

LayerData = tuple[Any, dict[str, Any], str]
"""What napari makes a layer of: its array, keyword arguments, and its kind."""

MOST_LAYERS = 10
"""Channels that become layers; more are a spectrum, through which one goes with a slider."""
_TWO = ("green", "magenta")
_MORE = ("cyan", "magenta", "yellow", "red", "green", "blue")


def image_layers(picture: Picture) -> list[LayerData]:
    """Return an image as a layer or, of several channels, as a coloured layer each.

    A picture in red, green and blue is one layer, and so are more than `MOST_LAYERS` channels.
    """
    axes = picture.axes or ""
    count = picture.data.shape[axes.index("C")] if "C" in axes else 0
    if _is_rgb(picture) or not 1 <= count <= MOST_LAYERS:
        return [_image_layer(picture)]
    levels = tuple(channels_first(each, axes.index("C")) for each in _levels(picture))
    parts = [_channel(picture, levels, number) for number in range(count)]
    if count == 1:
        return [_image_layer(parts[0])]
    names = named(picture.channels, count)
    group = ChannelGroup(picture.name, names, levels, tuple(part.data for part in parts))
    looks = _looks(picture.channels, count)
    return [
        _image_layer(
            replace(part, name=f"{picture.name} {name}"),
            **look,
            metadata={CHANNEL: ChannelOf(group, number)},
        )
        for number, (part, name, look) in enumerate(zip(parts, names, looks, strict=True))
    ]


def labels_layer(picture: Picture) -> LayerData:
    """Return labels as a layer, with the class of each object among its features."""
    kinds = sorted(picture.kinds.items())
    told = {"index": [label for label, _ in kinds], "class": [kind for _, kind in kinds]}
    return _data(picture), _about(picture) | ({"features": told} if kinds else {}), "labels"


def _image_layer(picture: Picture, **look: Any) -> LayerData:
    rgb = _is_rgb(picture)
    if picture.levels and any(picture.origin or ()):
        # napari takes the contrast from the plane at 0, beside which this image begins
        look["contrast_limits"] = calc_data_range(picture.levels[-1], rgb)
    return _data(picture), _about(picture, rgb) | {"rgb": rgb} | look, "image"


def _is_rgb(picture: Picture) -> bool:
    return (picture.axes or "")[-1:] == "C" and picture.data.shape[-1] == 3


def _levels(picture: Picture) -> tuple[Any, ...]:
    return picture.levels or (picture.data,)


def _channel(picture: Picture, levels: tuple[Any, ...], number: int) -> Picture:
    """Return one channel as a picture; in memory it is a view of all of them."""
    parts = tuple(level[number] for level in levels)
    return replace(
        picture,
        data=parts[0],
        axes=(picture.axes or "").replace("C", ""),
        levels=parts if picture.levels else (),
        channels=(),
    )


def _looks(channels: tuple[Channel, ...], count: int) -> list[dict[str, Any]]:
    """Return colours that shine through each other; those that the file says where they differ."""
    said = [channel.colours for channel in channels[:count]]
    said = said if len(set(said)) == count else [()] * count
    usual = _TWO if count == 2 else _MORE
    return [
        {
            "colormap": Colormap(colours) if colours else usual[number % len(usual)],
            "blending": "additive",
        }
        for number, colours in enumerate(said)
    ]


def _data(picture: Picture) -> Any:
    return list(picture.levels) if len(picture.levels) > 1 else picture.data


def _about(picture: Picture, rgb: bool = False) -> dict[str, Any]:
    """Return a layer's name, whether it is a pyramid, and where it lies in the world."""
    about = {"name": picture.name, "multiscale": len(picture.levels) > 1}
    axes = (picture.axes or "")[: picture.data.ndim - rgb].lower()
    about |= {"axis_labels": tuple(axes)} if axes else {}
    known = picture.pixel.sizes
    if not known:
        return about
    # what may be depth or time has no name, and rows and columns come last
    axes = axes or "yx".rjust(picture.data.ndim)
    return about | {
        "scale": picture.pixel.filled(axes, 1.0),
        "translate": Spacing.along(axes, picture.origin).filled(axes, 0.0),
        "units": tuple("micrometer" if letter in known else "pixel" for letter in axes.upper()),
    }
