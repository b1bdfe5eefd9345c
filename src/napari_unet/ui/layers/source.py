"""What is taken from an image layer before the work starts: pixels, axes and geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import ReferenceType, ref

import numpy as np
from napari.layers import Image, Layer

from napari_unet.core.image.spacing import Listed, Spacing
from napari_unet.ui.layers.arrays import (
    Fingerprint,
    fingerprint,
    full_resolution,
    is_copied,
    part_of,
)
from napari_unet.ui.layers.axes import layer_axes, plane_axes, spacing_of
from napari_unet.ui.layers.channel_axis import kept_axes, made_geometry, moved
from napari_unet.ui.layers.channel_group import channels_of, group_of
from napari_unet.ui.layers.file_facts import file_of
from napari_unet.ui.layers.in_view import here


@dataclass(frozen=True)
class Source:
    """An image as a worker gets it; no array in here is shared with the layer.

    Parameters
    ----------
    name
        The layer's name.
    image
        The pixels to segment: a copy of an array in memory, a lazy array as it is.
    axes
        One letter per axis of `image`.
    shape
        Shape of a result layer: the layer's, but 1 long along the channels, or without them where
        they come first.
    where
        Which part of the result layer `image` is.
    result_axes
        One letter per axis of the result layer.
    geometry
        Keyword arguments that put a result layer where the image is.
    part_geometry
        The same for a layer of the result's axes that holds nothing but `image`: it is 1 long along
        the axes of which one plane was taken.
    spacing
        Size of a pixel in µm along the spatial axes of `image`, as `Spacing.listed`.
    channels
        Which channel of its file the layer is; empty where it is all of it.
    file
        Where the pixels were read from; empty for nowhere.
    split
        Whether the channels of that file are layers of their own, so that it has other axes.
    layer
        The layer itself, by which its results are known as such; no worker looks at it.
    known
        By what it is known again after it was closed.
    """

    name: str
    image: Any
    axes: str
    shape: tuple[int, ...]
    where: tuple[Any, ...]
    result_axes: str
    geometry: dict[str, Any]
    part_geometry: dict[str, Any]
    spacing: Listed = ()
    channels: tuple[int, ...] = ()
    file: str = ""
    split: bool = False
    layer: ReferenceType[Layer] | None = None
    known: Fingerprint | None = None

    @property
    def part_name(self) -> str:
        """The layer's name, and which plane of it `image` is."""
        places = zip(self.result_axes, self.where, strict=True)
        planes = [f"{letter}{place}" for letter, place in places if isinstance(place, int)]
        return " ".join([self.name, *planes])

    @property
    def planes(self) -> dict[int, int]:
        """Which plane `image` is, by axis of the result layer; empty for the whole."""
        return {axis: place for axis, place in enumerate(self.where) if isinstance(place, int)}

    @property
    def origin(self) -> tuple[float, ...]:
        """Place of the first pixel in µm along the spatial axes of `image`; empty if not known."""
        if None in self.spacing:
            return ()
        pixels = self.part_geometry["translate"] / self.part_geometry["scale"]
        places = dict(zip(self.result_axes, map(float, pixels), strict=True))
        sizes = Spacing.along(self.axes, self.spacing).sizes
        return tuple(places[letter] * size for letter, size in sizes.items())


def take(layer: Image, ndim: int, channels: int, point: Sequence[float] | None = None) -> Source:
    """Copy what a worker needs from a layer.

    Parameters
    ----------
    layer
        The image layer.
    ndim, channels
        Spatial axes and channels of the model.
    point
        World coordinates of the viewer's current step, to take only the plane that is in view;
        None for the whole stack.

    Raises
    ------
    UserError
        If the layer has more axes than can be named, or no plane where the viewer stands.
    """
    data = full_resolution(layer)
    axes = layer_axes(layer, ndim, channels)
    where = {} if point is None else here(layer, point, axes, plane_axes(axes, ndim))
    part = tuple(where.get(axis, slice(None)) for axis in range(len(axes)))
    kept, place = kept_axes(axes, layer.ndim), made_geometry(layer, axes)
    left = "".join(letter for axis, letter in enumerate(axes) if axis not in where)
    pixels = part_of(data, part)
    return Source(
        name=layer.name,
        image=np.array(pixels) if is_copied(pixels) else pixels,
        axes=left,
        shape=tuple(1 if axes[axis] == "C" else data.shape[axis] for axis in kept),
        where=tuple(part[axis] for axis in kept),
        result_axes="".join(axes[axis] for axis in kept),
        geometry=place,
        part_geometry=place | {"translate": moved(place, [where.get(axis, 0) for axis in kept])},
        spacing=Spacing.along(axes, spacing_of(layer, axes)).listed(left),
        channels=channels_of(layer),
        file=_file_of(layer),
        split=group_of(layer) is not None,
        layer=ref(layer),
        known=fingerprint(layer),
    )


def _file_of(layer: Image) -> str:
    group = group_of(layer)
    layers = [layer] if group is None else [layer, *group.layers]
    return file_of(layers)
