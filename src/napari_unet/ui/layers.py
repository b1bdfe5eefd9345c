"""What is taken from an image layer before the work starts: pixels, axes and geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from napari.layers import Image, Layer

from napari_unet.core.axes import SPATIAL, guess_axes
from napari_unet.core.errors import UserError

LETTERS = "TZYX"


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
    """

    name: str
    image: Any
    axes: str
    shape: tuple[int, ...]
    where: tuple[Any, ...]
    result_axes: str
    geometry: dict[str, Any]


def full_resolution(layer: Layer) -> Any:
    """Return a layer's array; the finest one of a pyramid; without the alpha of RGBA."""
    data = layer.data[0] if layer.multiscale else layer.data
    return data[..., :3] if getattr(layer, "rgb", False) else data


def layer_axes(layer: Image, ndim: int, channels: int) -> str:
    """Name the axes of `full_resolution`, one letter of TZCYX each.

    Parameters
    ----------
    ndim, channels
        Spatial axes and channels of the model.
    """
    stated = "".join(layer.axis_labels).upper()
    if len(stated) == layer.ndim == len(set(stated)) and not set(stated) - set("TZCYX"):
        return stated + "C" * layer.rgb
    if layer.ndim > len(LETTERS) and (layer.rgb or channels == 1):
        raise UserError(
            f"“{layer.name}” has {layer.ndim} axes, more than time, depth, row and column: "
            "choose a part of it."
        )
    if layer.rgb or channels == 1:
        return LETTERS[-layer.ndim :] + "C" * layer.rgb
    return guess_axes(full_resolution(layer).shape, ndim, channels)


def plane_axes(axes: str, ndim: int) -> list[int]:
    """Return the axes along which a model of `ndim` axes goes plane by plane."""
    return [i for i, letter in enumerate(axes) if letter not in SPATIAL[ndim] + "C"]


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
    return Source(
        name=layer.name,
        image=_copy(data[part]),
        axes="".join(letter for axis, letter in enumerate(axes) if axis not in where),
        shape=tuple(data.shape[axis] for axis in kept),
        where=tuple(part[axis] for axis in kept),
        result_axes="".join(axes[axis] for axis in kept),
        geometry=geometry(layer, kept),
    )


def _current(layer: Layer, point: Sequence[float], axes: list[int]) -> dict[int, int]:
    position = np.round(layer.world_to_data(point)).astype(int)
    shape = full_resolution(layer).shape
    return {axis: int(np.clip(position[axis], 0, shape[axis] - 1)) for axis in axes}


def _copy(image: Any) -> Any:
    return np.array(image) if isinstance(image, np.ndarray) else image


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


def has_planes(layer: Image, ndim: int, channels: int) -> bool:
    """Return whether a model goes through a layer in more than one plane."""
    axes = layer_axes(layer, ndim, channels)
    shape = full_resolution(layer).shape
    return any(shape[axis] > 1 for axis in plane_axes(axes, ndim))
