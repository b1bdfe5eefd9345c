"""A few windows of an image sent through a network, for what is to be known before all of it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.config import TileConfig
from napari_unet.core.image.check import check_values
from napari_unet.core.image.look.emptiness import looks_empty
from napari_unet.core.image.look.greys import Greys, greys_of
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
        if any(
            pixels < least for pixels, least in zip(size, self._predictor.smallest, strict=True)
        ):
            return
        seen = Resampled.of(self._planes, size)
        for index, region in _spots(seen, _EDGES[self._model.config.ndim]):
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
