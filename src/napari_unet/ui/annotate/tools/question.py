"""What lies around a click on an image, as a worker gets it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from napari.layers import Image, Layer

from napari_unet.core.errors import UserError
from napari_unet.core.instances.add import REACHES, Click, object_at, usual_diameter, window
from napari_unet.ui.layers.arrays import full_resolution, part_of
from napari_unet.ui.layers.axes import image_axes
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.channel_group import channel_layers, is_whole, whole_image
from napari_unet.ui.layers.in_view import Index
from napari_unet.ui.layers.metadata import has_role, is_result_of

HILLS = ("height", "probability")
"""What a network says of an image, the most telling first; high inside objects."""


@dataclass(frozen=True)
class Question:
    """A click as a worker gets it.

    Parameters
    ----------
    click
        What lies around it; its image is read by the worker.
    place
        Where the window lies in the layer's array.
    hills
        What a network says of the window, ``(*window)``; None where none has looked.
    diameter
        How wide objects are elsewhere; used where the window has none.
    """

    click: Click
    place: Index
    hills: Any
    diameter: float | None

    def answer(self) -> tuple[Index, np.ndarray, float | None]:
        """Return the window's place, what is to be added in it, and how wide objects are."""
        across = usual_diameter(self.click.labels, self.click.spacing) or self.diameter
        return self.place, self._mask(across), across

    def _mask(self, across: float | None) -> np.ndarray:
        if self.hills is not None:
            hills = replace(self.click, image=np.asarray(self.hills)[np.newaxis])
            with suppress(UserError):  # where the network is blind the image itself is looked at
                return object_at(hills, across, hills=True)
        return object_at(replace(self.click, image=np.asarray(self.click.image)), across)


def widest_window(
    shape: Sequence[int], point: np.ndarray, region: Sequence[int | slice], spacing: Sequence[float]
) -> Index:
    """Return the widest window that is looked at around a point.

    Parameters
    ----------
    shape
        Of the labels.
    point
        The pixel that was clicked, one index per axis.
    region
        The plane or volume in which it was clicked.
    spacing
        Size of a pixel along each axis that the region has, relative to the smallest.
    """
    free = [axis for axis, part in enumerate(region) if isinstance(part, slice)]
    sizes, at = [shape[axis] for axis in free], [int(point[axis]) for axis in free]
    box = dict(zip(free, window(sizes, at, REACHES[len(free)][-1], spacing), strict=True))
    return tuple(box.get(axis, part) for axis, part in enumerate(region))


def click_in(
    image: Image, labels: np.ndarray, point: np.ndarray, part: Index, spacing: tuple[float, ...]
) -> Click:
    """Return a click with a copy of the labels around it.

    Parameters
    ----------
    image
        The image layer.
    labels
        Its objects, one axis per axis of the image but that of channels.
    point, part, spacing
        As for `widest_window`, and what it returns.
    """
    sides = [
        (side, int(at), size)
        for side, at, size in zip(part, point, labels.shape, strict=True)
        if isinstance(side, slice)
    ]
    return Click(
        image=_pixels(image, labels.shape, part),
        labels=np.array(labels[part]),
        point=tuple(at - side.start for side, at, _ in sides),
        goes_on=tuple((side.start > 0, side.stop < size) for side, _, size in sides),
        spacing=spacing,
    )


def hills_in(layers: Sequence[Layer], image: Image, shape: tuple[int, ...], part: Index) -> Any:
    """Return a window of what a network says of an image; None where none has looked.

    Parameters
    ----------
    layers
        All layers; of several that fit the uppermost one counts.
    image
        The image.
    shape, part
        Of its labels, and where in these the window lies.
    """
    results = [each for each in layers if isinstance(each, Image) and _is_of(each, image)]
    for role, layer in product(HILLS, reversed(results)):
        if has_role(layer, role) and pixels_in(layer).shape == shape:
            return part_of(pixels_in(layer), part)
    return None


def _is_of(result: Image, image: Image) -> bool:
    """Return whether a result is of an image, or of all channels of which it is one."""
    whole = whole_image(image)
    looked = channel_layers(image) if is_whole(image) else [whole]
    return any(is_result_of(result, each) for each in (image, *looked) if each is not None)


def _pixels(image: Image, shape: tuple[int, ...], region: Index) -> Any:
    """Return the window of an image, channels first; it is read when asked for."""
    axes = image_axes(image, shape)
    sides = dict(zip(axes.replace("C", ""), region, strict=True))
    pixels = part_of(full_resolution(image), tuple(sides.get(each, slice(None)) for each in axes))
    kept = [each for each in axes if isinstance(sides.get(each, slice(None)), slice)]
    if "C" not in kept:
        return pixels[np.newaxis]
    channel = kept.index("C")
    return pixels.transpose(channel, *(axis for axis in range(len(kept)) if axis != channel))
