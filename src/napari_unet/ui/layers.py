"""What is taken from an image layer before the work starts: pixels, axes and geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dask.array
import numpy as np
from napari.layers import Image, Layer

from napari_unet.core.axes import SPATIAL, guess_axes
from napari_unet.core.errors import UserError
from napari_unet.ui.stated import LETTERS, spacing_of, stated_axes

_MOST_COPIED = 2**26
"""Bytes; copying them takes some hundredths of a second."""


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
    channels
        Which channels the model looks at, in its order; empty for all.
    spacing
        Size of a pixel in µm along the spatial axes of `image`; empty if not known.
    """

    name: str
    image: Any
    axes: str
    shape: tuple[int, ...]
    where: tuple[Any, ...]
    result_axes: str
    geometry: dict[str, Any]
    part_geometry: dict[str, Any]
    channels: tuple[int, ...] = ()
    spacing: tuple[float, ...] = ()

    @property
    def part_name(self) -> str:
        """The layer's name, and which plane of it `image` is."""
        places = zip(self.result_axes, self.where, strict=True)
        planes = [f"{letter}{place}" for letter, place in places if isinstance(place, int)]
        return " ".join([self.name, *planes])

    @property
    def origin(self) -> tuple[float, ...]:
        """Place of the first pixel in µm along the spatial axes of `image`; empty if not known."""
        letters = self.axes.replace("C", "")
        places = [axis for axis, letter in enumerate(letters) if letter in SPATIAL[3]]
        pixels = self.part_geometry["translate"] / self.part_geometry["scale"]
        return tuple(
            float(pixels[axis]) * size for axis, size in zip(places, self.spacing, strict=False)
        )


def full_resolution(layer: Layer) -> Any:
    """Return a layer's array; the finest one of a pyramid; without the alpha of RGBA."""
    data = layer.data[0] if layer.multiscale else layer.data
    colours = getattr(layer, "rgb", False) and data.shape[-1] > 3
    return part_of(data, (..., slice(3))) if colours else data


def part_of(data: Any, where: tuple[Any, ...]) -> Any:
    """Return a part of an array, which stays lazy if the array is."""
    if all(each == slice(None) for each in where):
        return data
    if isinstance(data, np.ndarray | dask.array.Array):
        return data[where]
    lazy: Any = dask.array.from_array(data)  # type: ignore[no-untyped-call]
    return lazy[where]


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
    if layer.ndim > len(LETTERS) and (layer.rgb or channels == 1):
        raise UserError(
            f"“{layer.name}” has {layer.ndim} axes: say under Axes what each of them is, or choose "
            "a part of it."
        )
    if layer.rgb or channels == 1:
        return LETTERS[-layer.ndim :] + "C" * layer.rgb
    return guess_axes(full_resolution(layer).shape, ndim, channels)


def plane_axes(axes: str, ndim: int) -> list[int]:
    """Return the axes along which a model of `ndim` axes goes plane by plane."""
    return [i for i, letter in enumerate(axes) if letter not in SPATIAL[ndim] + "C"]


def take(
    layer: Image,
    ndim: int,
    channels: int,
    point: Sequence[float] | None = None,
    chosen: Sequence[int] = (),
) -> Source:
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
    chosen
        Which channels the model is to look at, in its order; empty for all.

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
        channels=tuple(chosen),
        spacing=_spacing(layer, axes, left),
    )


def _spacing(layer: Image, axes: str, left: str) -> tuple[float, ...]:
    sizes = spacing_of(layer, axes)
    spatial = [letter for letter in axes if letter in SPATIAL[3]]
    return tuple(size for letter, size in zip(spatial, sizes or (), strict=False) if letter in left)


def _current(layer: Layer, point: Sequence[float], axes: list[int]) -> dict[int, int]:
    position = np.round(layer.world_to_data(point)).astype(int)
    shape = full_resolution(layer).shape
    return {axis: int(np.clip(position[axis], 0, shape[axis] - 1)) for axis in axes}


def is_copied(image: Any) -> bool:
    """Return whether a worker gets a copy of an image; any other it gets as it is.

    An array on the disk or computed when asked for is not copied. Nor is a large one: the window
    would wait for the copy, and nobody writes into an image.
    """
    in_memory = isinstance(image, np.ndarray) and not isinstance(image, np.memmap)
    return in_memory and image.nbytes <= _MOST_COPIED


def geometry(layer: Layer, axes: Sequence[int] | None = None) -> dict[str, Any]:
    """Return where a layer lies in the world, as keyword arguments for a new layer.

    Parameters
    ----------
    axes
        The layer's axes that the new layer has; None for all. Axes beyond the layer's own (the
        colours of an RGB layer) are passed over.
    """
    kept = [axis for axis in (range(layer.ndim) if axes is None else axes) if axis < layer.ndim]
    block = np.ix_(kept, kept)
    corner = np.ix_([*kept, layer.ndim], [*kept, layer.ndim])
    return {
        "scale": np.asarray(layer.scale)[kept],
        "translate": np.asarray(layer.translate)[kept],
        "rotate": np.asarray(layer.rotate)[block],
        "shear": _shear_matrix(layer)[block],
        "affine": np.asarray(layer.affine.affine_matrix)[corner],
        "units": tuple(layer.units[axis] for axis in kept),
        "axis_labels": tuple(layer.axis_labels[axis] for axis in kept),
    }


def _shear_matrix(layer: Layer) -> np.ndarray:
    shear = np.asarray(layer.shear)
    if shear.ndim == 2:
        return shear
    matrix = np.eye(layer.ndim)
    matrix[np.triu_indices(layer.ndim, 1)] = shear
    return matrix


def lead_axes(layer: Image, ndim: int, channels: int) -> str:
    """Return the letters of the axes along which a model goes through more than one plane."""
    axes = layer_axes(layer, ndim, channels)
    shape = full_resolution(layer).shape
    return "".join(axes[axis] for axis in plane_axes(axes, ndim) if shape[axis] > 1)
