"""What an image layer, or the file that it came from, says about its axes and its pixel size."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from napari.layers import Image, Layer

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import SPATIAL, guess_axes, letters_of, places_in
from napari_unet.core.image.spacing import Listed, Spacing
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.layers.channel_group import channel_layers, group_of, is_whole
from napari_unet.ui.layers.file_facts import facts_of
from napari_unet.ui.layers.geometry import is_skew, lengths_of, placed
from napari_unet.ui.layers.metadata import AXES, MADE

LETTERS = "TZYX"
COLOURS = ("red", "green", "blue")
_NONE = 1e-6
"""So small a share is what is left of nothing after a rotation."""


def stated_axes(layer: Image) -> str | None:
    """Return one letter of TZCYX per axis of a layer's array, where somebody has said so.

    The layer's axis labels come first, for they are what the user can change; then the file, then
    a unit of time.
    """
    labels = letters_of(layer.axis_labels)
    if labels:
        return labels + "C" * layer.rgb
    timed = None if layer.rgb or layer.ndim > len(SPATIAL[3]) else timed_axes(layer)
    return facts_of(layer).axes or timed


def timed_axes(layer: Layer) -> str | None:
    """Name the axes of a layer of which one is in seconds or the like; None for any other layer."""
    timed = [axis for axis, unit in enumerate(layer.units) if unit.is_compatible_with("second")]
    if len(timed) != 1 or not len(SPATIAL[2]) < layer.ndim <= len(LETTERS):
        return None
    spatial = SPATIAL[3][1 - layer.ndim :]
    return spatial[: timed[0]] + "T" + spatial[timed[0] :]


def state_axes(layer: Image, axes: str) -> None:
    """Remember what a layer's axes are, where napari and every other widget see it."""
    layer.axis_labels = tuple(axes[: layer.ndim].lower())
    layer.metadata[AXES] = axes
    for channel in channel_layers(layer):
        channel.axis_labels = layer.axis_labels[-channel.ndim :]


def typed_axes(layer: Image) -> str | None:
    """Return the axes that a person has typed for a layer, one letter each; None for no such.

    Those of a channel that is a layer of its own are not the axes of its file.
    """
    typed: str | None = layer.metadata.get(AXES)
    own = typed is not None and group_of(layer) is None
    return typed if own and typed == stated_axes(layer) else None


def spacing_of(layer: Layer, axes: str) -> Listed | None:
    """Return the size of a pixel in µm along the spatial axes; None if nobody says so.

    Parameters
    ----------
    layer
        Its place in the world counts where the units of Y and X are lengths, unless they are not
        at right angles there; else what its file says, or that of the image that it was made for.
    axes
        One letter per axis.

    Returns
    -------
    As of `Spacing.listed`.
    """
    named = axes[: layer.ndim]
    if is_sheared(layer, named):
        return None
    sides = {named[axis]: placed(layer)[:, axis] for axis in places_in(named)}
    found = {letter: _in_micrometres(layer, side) for letter, side in sides.items()}
    sizes = Spacing({letter: size for letter, size in found.items() if size})
    made: Spacing = layer.metadata.get(MADE, {}).get("pixel", Spacing())
    known = sizes if sizes.of(SPATIAL[2]) else facts_of(layer).spacing or made
    return known.listed(named) or None


def step_of(layer: Layer, axes: str) -> float | None:
    """Return the seconds from one frame to the next; None if nobody says so.

    Parameters
    ----------
    layer
        How far a frame reaches counts where its unit is one of time; else what its file says.
    axes
        One letter per axis.
    """
    axis = axes.find("T")
    if axis >= 0 and layer.units[axis].is_compatible_with("second"):
        step = float(lengths_of(layer)[axis]) * layer.units[axis]
        return float(step.to("second").magnitude)
    steps = (facts_of(each).step for each in (layer, *channel_layers(layer)))
    return next(filter(None, steps), None)


def is_sheared(layer: Layer, axes: str) -> bool:
    """Return whether a layer's units are lengths along axes that are not at right angles."""
    spatial = places_in(axes[: layer.ndim])
    lengths = [axis for axis in spatial if layer.units[axis].is_compatible_with("micrometer")]
    return is_skew(layer, lengths)


def _in_micrometres(layer: Layer, side: np.ndarray) -> float | None:
    """Return how long a side of a pixel is; None where it is measured in anything but lengths."""
    along = [axis for axis, part in enumerate(abs(side)) if part > _NONE * max(abs(side))]
    if not all(layer.units[axis].is_compatible_with("micrometer") for axis in along):
        return None
    parts = ((float(side[axis]) * layer.units[axis]).to("micrometer") for axis in along)
    return math.hypot(*(part.magnitude for part in parts))


def scale_of(layer: Layer, axes: str) -> tuple[float, ...] | None:
    """Return the size of a pixel along the spatial axes in any unit; None if it says nothing.

    Parameters
    ----------
    layer
        How far a pixel reaches in the world counts where that differs between the axes and their
        units do not.
    axes
        One letter per axis.
    """
    spatial = places_in(axes[: layer.ndim])
    sizes = lengths_of(layer)[spatial]
    differ = np.ptp(sizes) > _NONE * sizes.max()
    one_unit = len({layer.units[axis] for axis in spatial}) == 1
    return tuple(sizes.tolist()) if one_unit and differ else None


def voxel_of(layer: Layer, axes: str) -> tuple[float, ...]:
    """Return the sides of a voxel as training in 3D takes them, see `Spacing.relative`."""
    return Spacing.along(axes, spacing_of(layer, axes) or scale_of(layer, axes)).relative(3)


def channel_names(layer: Image, count: int) -> tuple[str, ...]:
    """Return what the channels of a layer are called; they are counted from 0, as in the viewer."""
    if layer.rgb:
        return COLOURS[:count]
    group = group_of(layer)
    if group is not None:
        return group.channels
    return tuple(f"channel {n}" for n in range(count))


def own_channel_names(layer: Image, axes: str) -> tuple[str, ...]:
    """Return what the channels of a layer are called, for columns; nothing for mere numbers."""
    pixels = full_resolution(layer)
    count = pixels.shape[axes.index("C")] if "C" in axes else 1
    names = channel_names(layer, count)
    own = len(names) == count > 1 and not all(name.startswith("channel ") for name in names)
    return names if own else ()


def layer_axes(layer: Image, ndim: int, channels: int) -> str:
    """Name the axes of `full_resolution`, one letter of TZCYX each.

    Parameters
    ----------
    ndim, channels
        Spatial axes and channels of the model.
    """
    stated = stated_axes(layer)
    if stated is not None:
        return stated
    if layer.rgb and layer.ndim <= len(LETTERS):
        return LETTERS[-layer.ndim :] + "C"
    return _guessed(layer, ndim, channels)


def plane_axes(axes: str, ndim: int) -> list[int]:
    """Return the axes along which a model of `ndim` axes goes plane by plane."""
    return [i for i, letter in enumerate(axes) if letter not in SPATIAL[ndim] + "C"]


def lead_axes(layer: Image, ndim: int, channels: int) -> str:
    """Return the letters of the axes along which a model goes through more than one plane."""
    axes = layer_axes(layer, ndim, channels)
    shape = full_resolution(layer).shape
    return "".join(axes[axis] for axis in plane_axes(axes, ndim) if shape[axis] > 1)


def image_axes(image: Image, shape: tuple[int, ...] | None, name: str = "the result") -> str:
    """Name an image's axes, one letter of TZCYX each.

    Parameters
    ----------
    image
        The image layer.
    shape
        What its annotation's shape is, that is the image's without C; None for any.
    name
        How the annotation is called.

    Raises
    ------
    UserError
        If the shape does not fit the image.
    """
    size = full_resolution(image).shape
    possible = _possible_axes(image, size)
    fitting = [axes for axes in possible if shape in (None, _without(axes, size))]
    if not fitting:
        raise UserError(
            f"“{image.name}” is {_times(size)} pixels and “{name}” "
            f"{_times(shape or ())}: choose one that was made for this image."
        )
    return fitting[0]


def fits(image: Image, shape: tuple[int, ...]) -> bool:
    """Return whether an annotation of this shape may be one of an image."""
    try:
        image_axes(image, shape)
    except UserError:
        return False
    return True


def _possible_axes(image: Image, size: tuple[int, ...]) -> list[str]:
    stated = stated_axes(image)
    if stated is not None:
        return [stated]
    if image.ndim > len(LETTERS):
        raise UserError(
            f"“{image.name}” has {image.ndim} axes: say under Axes what each of them is, or choose "
            "a part of it."
        )
    if image.rgb:
        return [LETTERS[-image.ndim :] + "C"]
    others = LETTERS[-(len(size) - 1) :]
    if is_whole(image):
        return [_guessed(image, 2, 1), f"C{others}"]
    with_channel = [others[:axis] + "C" + others[axis:] for axis in range(len(size))]
    return [_guessed(image, 2, 1), LETTERS[-len(size) :], *with_channel]


def _guessed(layer: Image, ndim: int, channels: int) -> str:
    """Guess what a layer's axes are; all channels of an array are known to come first."""
    shape = full_resolution(layer).shape
    if is_whole(layer):
        return f"C{guess_axes(shape[1:], ndim, 1)}"
    return guess_axes(shape, ndim, channels)


def _without(axes: str, size: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length, letter in zip(size, axes, strict=True) if letter != "C")


def _times(size: Sequence[int]) -> str:
    return " × ".join(map(str, size))
