"""What is taken from an image layer before the work starts: pixels, axes and geometry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from napari.layers import Image, Layer

from napari_unet.core.image.spacing import Listed, Spacing
from napari_unet.ui.layers.arrays import full_resolution, is_copied, part_of
from napari_unet.ui.layers.axes import layer_axes, plane_axes, spacing_of
from napari_unet.ui.layers.geometry import geometry


@dataclass(frozen=True)
class Source:
    """An image as a worker gets it; nothing in here is shared with the layer.

    Parameters
    ----------
    name
        The layer's name.
    image
        The pixels to segment: a copy of an array in memory, a lazy array as it is.
    axes
        One letter per axis of `image`.
    shape
        Shape of a result layer: the layer's, without its channel axis.
    where
        Which part of the result layer `image` is.
    result_axes
        One letter per axis of the result layer.
    geometry
        Keyword arguments that put a result layer where the image is.
    part_geometry
        The same for a layer that holds nothing but `image`.
    spacing
        Size of a pixel in µm along the spatial axes of `image`, as `Spacing.listed`.
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

    @property
    def part_name(self) -> str:
        """The layer's name, and which plane of it `image` is."""
        places = zip(self.result_axes, self.where, strict=True)
        planes = [f"{letter}{place}" for letter, place in places if isinstance(place, int)]
        return " ".join([self.name, *planes])

    @property
    def origin(self) -> tuple[float, ...]:
        """Place of the first pixel in µm along the spatial axes of `image`; empty if not known."""
        if None in self.spacing:
            return ()
        sizes = Spacing.along(self.axes, self.spacing).filled(self.axes.replace("C", ""), math.nan)
        pixels = self.part_geometry["translate"] / self.part_geometry["scale"]
        return tuple(float(place) for place in pixels * sizes if not math.isnan(place))


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
        If the layer has more axes than can be named.
    """
    data = full_resolution(layer)
    axes = layer_axes(layer, ndim, channels)
    where = {} if point is None else _current(layer, point, plane_axes(axes, ndim))
    part = tuple(where.get(axis, slice(None)) for axis in range(len(axes)))
    kept = [axis for axis, letter in enumerate(axes) if letter != "C"]
    left = "".join(letter for axis, letter in enumerate(axes) if axis not in where)
    pixels = part_of(data, part)
    return Source(
        name=layer.name,
        image=np.array(pixels) if is_copied(pixels) else pixels,
        axes=left,
        shape=tuple(data.shape[axis] for axis in kept),
        where=tuple(part[axis] for axis in kept),
        result_axes="".join(axes[axis] for axis in kept),
        geometry=geometry(layer, kept),
        part_geometry=geometry(layer, [axis for axis in kept if axis not in where]),
        spacing=Spacing.along(axes, spacing_of(layer, axes)).listed(left),
    )


def _current(layer: Layer, point: Sequence[float], axes: list[int]) -> dict[int, int]:
    position = np.round(layer.world_to_data(point)).astype(int)
    shape = full_resolution(layer).shape
    return {axis: int(np.clip(position[axis], 0, shape[axis] - 1)) for axis in axes}
