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
from napari_unet.core.image.normalize import Limits, limits, normalize
from napari_unet.core.image.planes import Planes
from napari_unet.core.image.tiles import Region, read_window
from napari_unet.core.progress import Progress, Steps, UsedDevice
from napari_unet.nn.device import choose_device, memory_reused
from napari_unet.nn.model import Model
from napari_unet.nn.prediction.predictor import Predictor
from napari_unet.nn.prediction.tile_loop import Tile, plan_tiles, run_tiles


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
    """

    probabilities: NDArray[np.float32]
    height: NDArray[np.float32] | None
    spread: NDArray[np.float32] | None = None


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
    predictor = predictor_for(planes, model, tiles)
    result = np.empty((predictor.channels, len(planes), *planes.spatial), dtype=np.float32)
    with memory_reused():
        for progress, outputs in tile_outputs(planes, model, predictor):
            for tile, output in outputs:
                inside = tuple(slice(*axis) for axis in tile.region)
                result[:, tile.plane][(slice(None), *inside)] = output
            yield progress
    result = result.reshape(-1, *planes.lead, *planes.spatial)
    classes = model.config.num_classes
    height = result[classes] if model.config.height else None
    return Output(result[:classes], height, result[-1] if len(predictor.views) > 1 else None)


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
    check_image(planes.image)
    predictor = Predictor(model.network, choose_device(tiles.device), tiles)
    predictor.check_size(planes.spatial, model.name)
    return predictor


def tile_outputs(
    planes: Planes, model: Model, predictor: Predictor
) -> Iterator[tuple[Progress, list[tuple[Tile, NDArray[np.float32]]]]]:
    """Send every plane of an image through the network, one after the other, and keep nothing.

    Parameters
    ----------
    planes
        The image.
    model
        Says how grey values are normalised.
    predictor
        What `predictor_for` returned.

    Yields
    ------
    The progress, and the tiles that have come since with their output, float32 ``(channels,
    *region)``, plane after plane in scan order.

    Raises
    ------
    UserError
        For pixels without a value, or when memory does not even suffice for the smallest tile.
    """
    regions = plan_tiles(predictor, tuple((0, size) for size in planes.spatial), planes.spatial)
    tiles = [Tile(plane, region) for plane in range(len(planes)) for region in regions]
    device, notice = UsedDevice(predictor.device.name, predictor.device.reason), ""
    done, reader = 0, _Reader(planes, model)
    yield Progress("segmenting", 0, len(tiles), device=device), []
    for outputs, left in run_tiles(predictor, tiles, planes.spatial, reader.read):
        if not outputs:
            notice = "Memory ran out: going on with smaller tiles."
        done += len(outputs)
        yield Progress("segmenting", done, done + left, device=device, notice=notice), outputs


class _Reader:
    """Reads windows of planes, normalised; a plane's limits are found once."""

    def __init__(self, planes: Planes, model: Model) -> None:
        self._planes, self._model = planes, model
        self._current: tuple[int, NDArray[np.generic], Limits] | None = None

    def read(self, index: int, window: Region) -> NDArray[np.float32]:
        plane, found = self._plane(index)
        return normalize(read_window(plane, window), found)

    def _plane(self, index: int) -> tuple[NDArray[np.generic], Limits]:
        if self._current is None or self._current[0] != index:
            plane = self._planes[index]
            check_values(plane, blank_allowed=len(self._planes) > 1)
            original = self._planes.original
            source = plane if original is self._planes else original[index]
            self._current = (index, plane, limits(source, self._model.normalize))
        return self._current[1:]
