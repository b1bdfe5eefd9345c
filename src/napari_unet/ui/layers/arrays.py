"""A layer's array: its finest one, a part of it, whether it is copied, how it is known again."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from napari.layers import Layer

from napari_unet.ui.work.copies import is_in_memory

_MOST_COPIED = 2**26
"""Bytes; copying them takes some hundredths of a second."""
_MOST_LOOKED_AT = 2**20
"""Pixels; a millisecond or two."""


@dataclass(frozen=True)
class Fingerprint:
    """By what an image is known that was closed and opened again; see `fingerprint`.

    Parameters
    ----------
    name
        What its layer was called, without the number that napari gives to a second one.
    shape
        Of its array.
    pixels
        A digest of an array in memory; the file of any other, empty where there is none.
    """

    name: str
    shape: tuple[int, ...]
    pixels: str

    def fits(self, layer: Layer) -> bool:
        """Return whether a layer is this image, or may be it where nothing tells."""
        return self.is_called_as(layer) and self.has_pixels_of(layer)

    def has_pixels_of(self, layer: Layer) -> bool:
        """Return whether a layer has the pixels of this image, or may have where nothing tells."""
        return self.shape == full_resolution(layer).shape and self.pixels == _pixels_told(layer)

    def is_called_as(self, layer: Layer) -> bool:
        """Return whether a layer has the name and the shape of this image."""
        return own_name(layer) == self.name and full_resolution(layer).shape == self.shape


def fingerprint(layer: Layer) -> Fingerprint:
    """Return by what an image is known again; of a large one only some pixels are looked at."""
    return Fingerprint(own_name(layer), full_resolution(layer).shape, _pixels_told(layer))


def full_resolution(layer: Layer) -> Any:
    """Return a layer's array; the finest one of a pyramid; without the alpha of RGBA."""
    data = layer.data[0] if layer.multiscale else layer.data
    colours = getattr(layer, "rgb", False) and data.shape[-1] > 3
    return part_of(data, (..., slice(3))) if colours else data


def own_name(layer: Layer) -> str:
    """Return what a layer is called, without the number that napari gives to a second one."""
    return re.sub(r" \[\d+\]$", "", layer.name)


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


def _pixels_told(layer: Layer) -> str:
    data = full_resolution(layer)
    if not is_in_memory(data):
        return str(layer.source.path or "")
    step = ceil((data.size / _MOST_LOOKED_AT) ** (1 / data.ndim)) or 1
    some = data[(slice(None, None, step),) * data.ndim]
    return hashlib.blake2b(some.tobytes(), digest_size=16).hexdigest()
