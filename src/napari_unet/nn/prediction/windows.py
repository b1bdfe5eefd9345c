"""A few windows of an image sent through a network, for what is to be known before all of it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import ceil

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.config import TileConfig
from napari_unet.core.image.check import check_values
from napari_unet.core.image.look.emptiness import looks_empty
from napari_unet.core.image.look.greys import Greys, greys_of
from napari_unet.core.image.look.margin import within_margin
from napari_unet.core.image.normalize import Limits, limits_of, normalize
from napari_unet.core.image.planes import Planes, PlaneView
from napari_unet.core.image.resample import Resampled
from napari_unet.core.image.sampled import sample
from napari_unet.core.image.tiles import Region, read_window
from napari_unet.nn.device import choose_device
from napari_unet.nn.model import Model
from napari_unet.nn.prediction.predictor import Predictor
from napari_unet.nn.prediction.tile_loop import predict_region

_SPOTS = 1 / 2, 1 / 4, 3 / 4
_EDGES = {2: 320, 3: 64}
"""Largest window in pixels of the network, by number of spatial axes."""


class Windows:
    """One to three windows along the diagonal of an image, and of a stack.

    Parameters
    ----------
    planes
        The image, of any size; only small parts of it are read and computed.
    model, tiles
        The network, and where it runs.

    Attributes
    ----------
    greys
        Grey values of the planes looked at so far; not of empty ones.
    """

    def __init__(self, planes: Planes, model: Model, tiles: TileConfig) -> None:
        self._planes, self._model = planes, model
        device, tiles = choose_device(tiles.device), tiles.replace(views="one")
        self._predictor = Predictor(model.network, device, tiles)
        self._limits: dict[int, Limits | None] = {}
        self._pictures: dict[int, tuple[tuple[float, float], ...] | None] = {}
        self.greys: dict[int, Greys] = {}

    def outputs(self, size: Sequence[int]) -> Iterator[NDArray[np.float32]]:
        """Yield the network's output for each window of the image at a size.

        Parameters
        ----------
        size
            Of the image's planes; nothing is yielded of one that the network is too large for.

        Yields
        ------
        Float32 ``(channels, *window)``; not of planes that look empty.
        """
        seen = Resampled.of(self._planes, size)
        if not self._holds(seen.spatial):
            return
        for index, region in self._spots(seen):
            limits = self._limits_of(index)
            if limits is not None:
                image = normalize(seen.window(index, region), limits, self._model.normalize)
                shape = image.shape[1:]
                whole = tuple((0, length) for length in shape)
                yield predict_region(self._predictor, whole, shape, partial(read_window, image))

    def _limits_of(self, index: int) -> Limits | None:
        """Return the limits of a plane's grey values; None for one that looks empty."""
        if index not in self._limits:
            windows = sample(PlaneView(self._planes.original, index))
            for window in windows:
                check_values(window, blank_allowed=True)
            self._limits[index] = None
            if not looks_empty(windows):
                limits = limits_of(windows, self._model.normalize)
                self._limits[index], self.greys[index] = (
                    limits,
                    greys_of(windows, limits, self._planes.by),
                )
                if self.greys[index].margin:
                    self._pictures[index] = within_margin(windows, limits)
        return self._limits[index]

    def _spots(self, planes: Planes) -> list[tuple[int, Region]]:
        """Return plane and window of a few places along the diagonal, the middle first.

        Where the places would be nearly the same there is only the middle. Within a margin they are
        those of the picture: of what it ends in there is nothing to measure.
        """
        edge = _EDGES[self._model.config.ndim]
        apart = len(planes) > 1 or max(planes.spatial) > 1.5 * edge
        found = []
        for place in _SPOTS if apart else _SPOTS[:1]:
            index = int(len(planes) * place)
            self._limits_of(index)
            box = self._pictures.get(index) or ((0.0, 1.0),) * len(planes.spatial)
            ends = [
                (ceil(size * low), int(size * high))
                for size, (low, high) in zip(planes.spatial, box, strict=True)
            ]
            if self._holds([last - first for first, last in ends]):
                starts = [first + int(max(0, last - first - edge) * place) for first, last in ends]
                region = tuple(
                    (start, min(last, start + edge))
                    for start, (_, last) in zip(starts, ends, strict=True)
                )
                found.append((index, region))
        return list(dict.fromkeys(found))

    def _holds(self, size: Sequence[int]) -> bool:
        """Return whether the network is not too large for so many pixels."""
        return all(
            pixels >= least for pixels, least in zip(size, self._predictor.smallest, strict=True)
        )
