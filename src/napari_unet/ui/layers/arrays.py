"""A layer's array: its finest one, a part of it, and whether it is copied."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.layers import Layer

from napari_unet.ui.work.copies import is_in_memory

_MOST_COPIED = 2**26
"""Bytes; copying them takes some hundredths of a second."""


def full_resolution(layer: Layer) -> Any:
    """Return a layer's array; the finest one of a pyramid; without the alpha of RGBA."""
    data = layer.data[0] if layer.multiscale else layer.data
    colours = getattr(layer, "rgb", False) and data.shape[-1] > 3
    return part_of(data, (..., slice(3))) if colours else data


def part_of(data: Any, where: tuple[Any, ...]) -> Any:
    """Return a part of an array, which stays lazy if the array is."""
    if all(each == slice(None) for each in where):
        return data
    return sliceable(data)[where]


def channels_first(data: Any, axis: int) -> Any:
    """Return an array with one of its axes before the others; it stays lazy if the array is."""
    order = [axis, *(each for each in range(data.ndim) if each != axis)]
    return sliceable(data).transpose(order)


def sliceable(data: Any) -> Any:
    """Return an array, as numpy's or dask's, of which parts can be named without being read."""
    if isinstance(data, np.ndarray):
        return data
    import dask.array  # noqa: PLC0415 - takes a moment, and most arrays are in memory

    if isinstance(data, dask.array.Array):
        return data
    # without a name: what is read again may have changed, which the viewer's cache cannot know
    return dask.array.from_array(data, name=False)  # type: ignore[no-untyped-call]


def is_copied(image: Any) -> bool:
    """Return whether a worker gets a copy of an image; any other it gets as it is.

    An array on the disk or computed when asked for is not copied. Nor is a large one: it would be
    in memory twice, and nobody writes into an image.
    """
    return is_in_memory(image) and image.nbytes <= _MOST_COPIED
