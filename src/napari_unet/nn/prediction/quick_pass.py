"""A quick pass that finds the size of an image's objects.

It looks at one to three windows along the image's (and the stack's) diagonal, first much reduced,
then at twice the size, and so on, until the network finds some objects that are at least half as
large as those that it was trained on. Going up from small sizes stops before objects are so large
that they fall to pieces, and costs little: a picture of the model's own size is done at half of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.config import TileConfig
from napari_unet.core.decoding.decode import decode
from napari_unet.core.decoding.seen import Seen
from napari_unet.core.errors import UserError
from napari_unet.core.image.check import check_image
from napari_unet.core.image.pixel_size import Sizes, factors, resized
from napari_unet.core.image.planes import Planes
from napari_unet.core.instances.measure import diameters
from napari_unet.nn.device import memory_reused
from napari_unet.nn.model import Model
from napari_unet.nn.prediction.windows import Windows

_SCALES = 0.125, 0.25, 0.5, 1.0, 2.0, 4.0
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


@dataclass(frozen=True)
class Look:
    """What a network finds in an image as it is.

    Parameters
    ----------
    found
        How large the objects are, in pixels that the network sees; None if there are none.
    sureness
        How sure the network is of them; 0 where there are none.
    """

    found: FoundSize | None
    sureness: float


def look(planes: Planes, model: Model, tiles: TileConfig) -> Look:
    """Look at small parts of an image at the size that it has.

    Parameters
    ----------
    planes
        The image.
    model, tiles
        The model, and where it runs.
    """
    with memory_reused():
        outputs = list(Windows(planes, model, tiles).outputs(planes.spatial))
    sizes = np.concatenate([np.empty(0), *(_measured(each, model) for each in outputs)])
    found = FoundSize(float(np.median(sizes)), len(sizes)) if len(sizes) else None
    seen = Seen.of(outputs, (), len(model.config.classes))
    return Look(found, seen.sureness or 0.0)


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
        self._windows = Windows(planes, model, tiles)

    def diameters(self, scale: float) -> NDArray[np.float64]:
        """Return the diameters of the objects found at a size, in pixels of that size."""
        image = Sizes(self._pixel, self.known / scale)
        try:
            by = factors("object size", self._model.sizes, image, self._model.config.ndim)
        except UserError:  # too far along one axis
            return np.empty(0)
        outputs = self._windows.outputs(resized(self._planes.spatial, by))
        return np.concatenate([np.empty(0), *(_measured(each, self._model) for each in outputs)])


def _measured(output: NDArray[np.float32], model: Model) -> NDArray[np.float64]:
    """Return the diameters of the objects in an output, ``(channels, *window)``."""
    classes = model.config.num_classes
    height = output[classes] if model.config.height else None
    return diameters(decode(output[:classes], height, model.decode)[0])
