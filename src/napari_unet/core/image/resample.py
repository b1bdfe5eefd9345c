"""Images brought to another number of pixels, any region on its own as if it were the whole.

A resampled image covers the same field as its source: pixel edges of both lie on the field's
edges. Values are interpolated linearly between pixel centres; where the image shrinks by a factor
of s it is first smoothed by a Gaussian with a sigma of (s - 1) / 2 source pixels, cut off at three
sigma, so that fine detail does not turn into false patterns. Outside, the edge pixel goes on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.image.normalize import exact
from napari_unet.core.image.planes import Planes
from napari_unet.core.image.tiles import Interval, Region
from napari_unet.core.progress import stop_point

REACH = 3.0
"""Where the Gaussian is cut off, in sigma."""


def resample(
    read: Callable[[Region], NDArray[Any]],
    shape: Sequence[int],
    out_shape: Sequence[int],
    region: Region | None = None,
) -> NDArray[Any]:
    """Compute a region of an image at another size.

    Parameters
    ----------
    read
        Returns a window of the source, ``(..., *window)``; it is asked for one window inside the
        source, no larger than needed.
    shape, out_shape
        Size of the source and of the whole result along the spatial axes.
    region
        Start and stop per spatial axis of the wanted part of the result; None for all of it.

    Returns
    -------
    Float, as `exact` says, ``(..., *region)``: bit for bit the same part of the whole result.
    """
    region = tuple((0, size) for size in out_shape) if region is None else region
    taps = [_taps(*axis) for axis in zip(shape, out_shape, region, strict=True)]
    values = np.asarray(read(tuple(axis.window for axis in taps)))
    values = values.astype(exact(values.dtype), copy=False)
    for number, axis in enumerate(taps, start=values.ndim - len(taps)):
        values = axis.applied(values, number)
    return values


def resampled(values: NDArray[Any], spatial: Sequence[int]) -> NDArray[Any]:
    """Return an array in memory with its last axes brought to another size.

    Parameters
    ----------
    values
        ``(*lead, *axes)``, of any real dtype; leading axes stay as they are.
    spatial
        The size of the last axes of the result.

    Returns
    -------
    Float, as `exact` says.
    """
    lead, shape = values.shape[: -len(spatial)], values.shape[-len(spatial) :]
    result = np.empty((*lead, *spatial), exact(values.dtype))
    for index in np.ndindex(lead):
        result[index] = resample(partial(_part, values[index]), shape, spatial)
    return result


def nearest(values: NDArray[Any], spatial: Sequence[int]) -> NDArray[Any]:
    """Return an array with its last axes brought to another size, each pixel as it is nearest.

    Parameters
    ----------
    values
        ``(*lead, *axes)``, of any dtype, which stays; such as labels.
    spatial
        The size of the last axes of the result.
    """
    for axis, size in enumerate(spatial, start=values.ndim - len(spatial)):
        source = values.shape[axis]
        values = np.take(values, (2 * np.arange(size) + 1) * source // (2 * size), axis=axis)
    return values


def _part(values: NDArray[Any], region: Region) -> NDArray[Any]:
    return values[tuple(slice(*interval) for interval in region)]


@dataclass(frozen=True)
class Resampled(Planes):
    """An image at another size, in the form of its planes, computed only when asked for.

    Parameters
    ----------
    size
        Size of the resampled planes along the spatial axes.
    """

    size: tuple[int, ...] = ()

    @classmethod
    def of(cls, planes: Planes, size: Sequence[int]) -> Self:
        """Return planes at another size."""
        return cls(**_as_they_came(planes), size=tuple(size))

    @property
    def spatial(self) -> tuple[int, ...]:
        """Sizes of the spatial axes after resampling."""
        return self.size

    @property
    def original(self) -> Planes:
        """The image as it came, from which the limits of its grey values are taken."""
        return Planes(**_as_they_came(self))

    def window(self, index: int, region: Region) -> NDArray[Any]:
        """Compute a part of one plane, float as `exact` says, and read only what it is made of."""
        source = self.original
        return resample(partial(source.window, index), source.spatial, self.size, region)


def _as_they_came(planes: Planes) -> dict[str, Any]:
    return {each.name: getattr(planes, each.name) for each in fields(Planes)}


@dataclass(frozen=True)
class _Taps:
    """From which source pixels each result pixel of one axis is made, and how much of each.

    Parameters
    ----------
    source, weight
        ``(taps, pixels)``: positions in the source, and shares that sum to 1.
    """

    source: NDArray[np.int64]
    weight: NDArray[np.float64]

    @property
    def window(self) -> Interval:
        """The part of the source that is needed."""
        return int(self.source.min()), int(self.source.max()) + 1

    def applied(self, values: NDArray[Any], axis: int) -> NDArray[Any]:
        """Return values with this axis resampled; they hold the window along it.

        The taps are added one after the other, so that a pixel's sum does not depend on which
        others are computed with it.
        """
        if len(self.source) == 1:
            return values
        start, _ = self.window
        along = [-1 if number == axis else 1 for number in range(values.ndim)]
        shares = self.weight.astype(values.dtype)
        total: NDArray[Any] | None = None
        for source, weight in zip(self.source - start, shares, strict=True):
            stop_point()
            part = np.take(values, source, axis=axis)
            part *= weight.reshape(along)
            total = part if total is None else np.add(total, part, out=total)
        assert total is not None
        return total


def _taps(size: int, out_size: int, interval: Interval) -> _Taps:
    places = np.arange(*interval, dtype=np.int64)
    if size == out_size:
        return _Taps(places[np.newaxis], np.ones((1, len(places))))
    # in whole numbers, so that no rounding depends on the region
    twice = (2 * places + 1) * size - out_size
    below = twice // (2 * out_size)
    share = (twice - below * 2 * out_size) / (2 * out_size)
    # as scikit-image's anti-aliasing; nothing is blurred where the image is enlarged
    sigma = max(0.0, (size / out_size - 1) / 2)
    reach = math.ceil(REACH * sigma)
    smooth = _gaussian(sigma, reach)
    # interpolation after the blur is the blur taken at both neighbours: one set of taps does both
    left, right = np.append(smooth, 0)[:, np.newaxis], np.append(0, smooth)[:, np.newaxis]
    weight = left * (1 - share) + right * share
    offsets = np.arange(-reach, reach + 2)[:, np.newaxis]
    return _Taps(np.clip(below + offsets, 0, size - 1), weight)


def _gaussian(sigma: float, reach: int) -> NDArray[np.float64]:
    """Return the shares of a Gaussian at whole distances up to the reach; 1 for a sigma of 0."""
    if not reach:
        return np.ones(1)
    values = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    shares: NDArray[np.float64] = values / values.sum()
    return shares
