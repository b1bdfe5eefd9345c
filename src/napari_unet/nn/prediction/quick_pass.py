"""A quick pass that finds the size of an image's objects.

It looks at one to three windows along the image's (and the stack's) diagonal, first much reduced,
then at twice the size, and so on, until the network finds some objects that are at least half as
large as those that it was trained on. Going up from small sizes stops before objects are so large
that they fall to pieces, and costs little: a picture of the model's own size is done at half of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.config import TileConfig
from napari_unet.core.decoding.decode import decode
from napari_unet.core.errors import UserError
from napari_unet.core.image.check import check_image
from napari_unet.core.image.emptiness import looks_empty
from napari_unet.core.image.normalize import Limits, limits_of, normalize, sample
from napari_unet.core.image.pixel_size import Sizes, factors, resized
from napari_unet.core.image.planes import Planes, PlaneView
from napari_unet.core.image.resample import Resampled
from napari_unet.core.image.tiles import Region, read_window
from napari_unet.core.instances.measure import diameters
from napari_unet.nn.device import choose_device, memory_reused
from napari_unet.nn.model import Model
from napari_unet.nn.prediction.predictor import Predictor
from napari_unet.nn.prediction.tile_loop import predict_region

_SCALES = 0.125, 0.25, 0.5, 1.0, 2.0, 4.0
_SPOTS = 1 / 2, 1 / 4, 3 / 4
_EDGES = {2: 320, 3: 64}
"""Largest window in pixels of the network, by number of spatial axes."""
ENOUGH = 3
"""Objects whose median size is believed."""
_NEARLY = 0.5
"""Median diameter from which a pass is good enough, relative to what the model knows."""


@dataclass(frozen=True)
class FoundSize:
    """How large an image's objects seem to be.

    Parameters
    ----------
    diameter
        Diameter in pixels of the image of the disc or ball as large as the median object.
    count
        How many objects that is the median of.
    """

    diameter: float
    count: int


def found_size(
    planes: Planes, model: Model, pixel: tuple[float, ...] | None, tiles: TileConfig
) -> FoundSize | None:
    """Estimate the size of an image's objects with a quick pass through the network.

    Parameters
    ----------
    planes
        The image, of any size; only small parts of it are read and computed.
    model
        A model that knows the size of its objects.
    pixel
        Size of the image's pixels in µm along the spatial axes; None for unknown.
    tiles
        Where the network runs.

    Returns
    -------
    FoundSize, or None if no objects are found.
    """
    check_image(planes.image, blank_allowed=True)
    with memory_reused():
        return _found(_QuickPass(planes, model, pixel, tiles))


def _found(quick: _QuickPass) -> FoundSize | None:
    best, most = None, 0
    for scale in _SCALES:
        found = quick.diameters(scale)
        if len(found) < min(ENOUGH, most + 1):
            continue
        median, most = float(np.median(found)), len(found)
        best = FoundSize(median / scale, most)
        # at the image's own size a lone object is as good as many: nothing has to be changed
        if median >= _NEARLY * quick.known and (most >= ENOUGH or scale == 1):
            break
    return best


class _QuickPass:
    """Segments a few windows of an image at any size."""

    def __init__(
        self, planes: Planes, model: Model, pixel: tuple[float, ...] | None, tiles: TileConfig
    ) -> None:
        self.known = model.sizes.object or 0.0
        self._planes, self._model, self._pixel = planes, model, pixel
        device, tiles = choose_device(tiles.device), tiles.replace(views="one")
        self._predictor = Predictor(model.network, device, tiles)
        self._limits: dict[int, Limits | None] = {}

    def diameters(self, scale: float) -> NDArray[np.float64]:
        """Return the diameters of the objects found at a size, in pixels of that size."""
        ndim = self._model.config.ndim
        image = Sizes(self._pixel, self.known / scale)
        try:
            by = factors("object size", self._model.sizes, image, ndim)
        except UserError:  # too far along one axis
            return np.empty(0)
        size = resized(self._planes.spatial, by)
        if any(
            pixels < stride for pixels, stride in zip(size, self._predictor.strides, strict=True)
        ):
            return np.empty(0)
        seen = Resampled.of(self._planes, size)
        return np.concatenate([self._diameters(seen, *spot) for spot in _spots(seen, _EDGES[ndim])])

    def _diameters(self, seen: Resampled, index: int, region: Region) -> NDArray[np.float64]:
        limits = self._limits_of(index)
        if limits is None:
            return np.empty(0)
        image = normalize(seen.window(index, region), limits)
        shape = image.shape[1:]
        whole = tuple((0, length) for length in shape)
        output = predict_region(self._predictor, whole, shape, partial(read_window, image))
        classes = self._model.config.num_classes
        height = output[classes] if self._model.config.height else None
        return diameters(decode(output[:classes], height, self._model.decode)[0])

    def _limits_of(self, index: int) -> Limits | None:
        """Return the limits of a plane's grey values; None for one that looks empty."""
        if index not in self._limits:
            windows = sample(PlaneView(self._planes, index))
            empty = looks_empty(windows)
            self._limits[index] = None if empty else limits_of(windows, self._model.normalize)
        return self._limits[index]


def _spots(planes: Planes, edge: int) -> list[tuple[int, Region]]:
    """Return plane and window of a few places along the diagonal, the middle first.

    Where the places would be nearly the same there is only the middle.
    """
    found = []
    apart = len(planes) > 1 or max(planes.spatial) > 1.5 * edge
    for place in _SPOTS if apart else _SPOTS[:1]:
        region = []
        for size in planes.spatial:
            start = int(max(0, size - edge) * place)
            region.append((start, min(size, start + edge)))
        found.append((int(len(planes) * place), tuple(region)))
    return list(dict.fromkeys(found))
