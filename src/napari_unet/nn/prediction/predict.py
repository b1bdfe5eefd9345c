"""Overlap-tile prediction: any image size, the same output whatever the tiles.

After Ronneberger et al. 2015: each tile's input reaches beyond the part that is kept by the
network's receptive field, and is reflected where it leaves the image. Here the decoder computes
only what the kept part needs, so the wider input costs little.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.config import TileConfig
from napari_unet.core.image.check import check_image, check_values
from napari_unet.core.image.look.emptiness import looks_empty
from napari_unet.core.image.look.gaps import even_planes, note_on_gaps
from napari_unet.core.image.look.greys import Greys, greys_of
from napari_unet.core.image.normalize import Limits, limits_of, normalize
from napari_unet.core.image.planes import Planes
from napari_unet.core.image.sampled import sample
from napari_unet.core.image.tiles import Region, read_window
from napari_unet.core.progress import Progress, Steps, UsedDevice
from napari_unet.nn.device import choose_device, memory_reused
from napari_unet.nn.model import Model
from napari_unet.nn.prediction.predictor import Predictor
from napari_unet.nn.prediction.tile_loop import Tile, plan_tiles, run_tiles

_LOOKED_AT = 16
"""So many planes of a stack, evenly spaced, tell what its grey values are like: to look at one
takes about .1 s per megapixel."""


@dataclass(frozen=True)
class Output:
    """What the network says about an image.

    Parameters
    ----------
    probabilities
        Float32 ``(K + 1, *lead, *spatial)``, background first.
    height
        Float32 ``(*lead, *spatial)``, or None for a model without a height.
    spread
        Float32 ``(*lead, *spatial)``: how far the views of the image disagree, as the standard
        deviation of the foreground probability; None for a single view.
    empty
        How many planes look empty; they are background without having gone through the network.
    greys
        Grey values of some of the other planes, evenly spaced.
    gaps
        Sentences where there are even planes between others, or channels of them; else nothing.
    """

    probabilities: NDArray[np.float32]
    height: NDArray[np.float32] | None
    spread: NDArray[np.float32] | None = None
    empty: int = 0
    greys: tuple[Greys, ...] = ()
    gaps: str = ""


def predict_steps(planes: Planes, model: Model, tiles: TileConfig) -> Steps[Output]:
    """Send every plane of an image through a model's network, tile by tile.

    Parameters
    ----------
    planes
        The image.
    model, tiles
        The model, and how to cut the image up.

    Yields
    ------
    Progress with the tiles done; it tells the device, and has a notice once something had to be
    changed.

    Raises
    ------
    UserError
        For an image that is no image or too small, or when memory does not even suffice for the
        smallest tile.
    Stop
        When the user wants to stop: prediction is cancelled.
    """
    predictor, reader = predictor_for(planes, model, tiles), PlaneReader(planes, model)
    result = np.empty((predictor.channels, len(planes), *planes.spatial), dtype=np.float32)
    with memory_reused():
        for progress, outputs in tile_outputs(reader, predictor):
            for tile, output in outputs:
                inside = tuple(slice(*axis) for axis in tile.region)
                result[:, tile.plane][(slice(None), *inside)] = output
            yield progress
    result = result.reshape(-1, *planes.lead, *planes.spatial)
    classes = model.config.num_classes
    height = result[classes] if model.config.height else None
    spread = result[-1] if len(predictor.views) > 1 else None
    greys = (*reader.greys.values(),)
    return Output(result[:classes], height, spread, len(reader.empty), greys, reader.gaps)


def predictor_for(planes: Planes, model: Model, tiles: TileConfig) -> Predictor:
    """Return what sends an image through a model's network.

    Parameters
    ----------
    planes
        The image.
    model, tiles
        The model, and how to cut the image up.

    Raises
    ------
    UserError
        For an image that is no image or too small.
    """
    check_image(planes.image, blank_allowed=True)
    predictor = Predictor(model.network, choose_device(tiles.device), tiles)
    predictor.check_size(planes, model.name)
    return predictor


def tile_outputs(
    reader: PlaneReader, predictor: Predictor
) -> Iterator[tuple[Progress, list[tuple[Tile, NDArray[np.float32]]]]]:
    """Send every plane of an image through the network, one after the other, and keep nothing.

    Parameters
    ----------
    reader
        The image.
    predictor
        What `predictor_for` returned.

    Yields
    ------
    The progress, and the tiles that have come since with their output, float32 ``(channels,
    *region)``, plane after plane in scan order. A plane that looks empty does not go through it.

    Raises
    ------
    UserError
        For pixels without a value, or when memory does not even suffice for the smallest tile.
    """
    planes = reader.planes
    regions = plan_tiles(predictor, tuple((0, size) for size in planes.spatial), planes.spatial)
    tiles = [Tile(plane, region) for plane in range(len(planes)) for region in regions]
    device, notice = UsedDevice(predictor.device.name, predictor.device.reason), ""
    done = 0
    yield Progress("segmenting", 0, len(tiles), device=device), []
    for outputs, left in run_tiles(predictor, tiles, planes.spatial, reader.read):
        if not outputs:
            notice = "Memory ran out: going on with smaller tiles."
        done += len(outputs)
        yield Progress("segmenting", done, done + left, device=device, notice=notice), outputs


class PlaneReader:
    """Reads windows of planes, normalised; a plane's limits are found once.

    Parameters
    ----------
    planes
        The image.
    model
        Says how grey values are normalised.

    Attributes
    ----------
    empty
        Numbers of the planes read so far that look empty.
    greys
        Grey values of the first of the others in each of some equal lengths of the stack.
    """

    def __init__(self, planes: Planes, model: Model) -> None:
        self.planes, self._model = planes, model
        self.empty: set[int] = set()
        self.greys: dict[int, Greys] = {}
        self._even: dict[int, NDArray[np.bool_]] = {}
        self._current: tuple[int, NDArray[np.generic], Limits | None] | None = None

    @property
    def gaps(self) -> str:
        """Sentences on even planes between those read so far; otherwise nothing."""
        lead = self.planes.axes[: len(self.planes.lead)]
        return note_on_gaps(self._even, lead, self.planes.chosen)

    def read(self, index: int, window: Region) -> NDArray[np.float32] | None:
        """Return a window of a plane, float32 ``(C, *window)``, reflected outside the plane.

        Of a plane that looks empty it is None.
        """
        plane, found = self._plane(index)
        if found is None:
            return None
        return normalize(read_window(plane, window), found, self._model.normalize)

    def _plane(self, index: int) -> tuple[NDArray[np.generic], Limits | None]:
        if self._current is None or self._current[0] != index:
            plane = self.planes[index]
            check_values(plane, blank_allowed=True)
            original = self.planes.original
            came = plane if original is self.planes else original[index]
            windows = sample(came)
            limits = None
            if looks_empty(windows):
                self.empty.add(index)
            else:
                limits = limits_of(windows, self._model.normalize)
                length = index * _LOOKED_AT // len(self.planes)
                if length not in self.greys:
                    self.greys[length] = greys_of(windows, limits, self.planes.by)
                self._even[index] = even_planes(came)
            self._current = (index, plane, limits)
        return self._current[1:]
