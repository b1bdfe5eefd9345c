"""Overlap-tile prediction: any image size, the same output whatever the tiles.

After Ronneberger et al. 2015: each tile's input reaches beyond the part that is kept by the
network's receptive field, and is mirrored where it leaves the image. Here the decoder computes
only what the kept part needs, so the wider input costs little.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.config import TileConfig
from napari_unet.core.errors import UserError, is_out_of_memory
from napari_unet.core.image.check import check_image, check_values
from napari_unet.core.image.normalize import Limits, limits, normalize
from napari_unet.core.image.planes import Planes
from napari_unet.core.image.tiles import Region, halve, plan, read_window
from napari_unet.core.progress import Progress, Steps, UsedDevice
from napari_unet.nn.device import choose_device, memory_reused
from napari_unet.nn.model import Model
from napari_unet.nn.prediction.predictor import Predictor

_MOST_AT_ONCE = 16
"""Tiles in a batch, on a GPU."""


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


@dataclass(frozen=True)
class Tile:
    """A part of one plane that is kept from one pass through the network."""

    plane: int
    region: Region


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
    check_image(planes.image)
    device = choose_device(tiles.device)
    predictor = Predictor(model.network, device, tiles.precision, tiles.views)
    _check_size(planes.spatial, predictor, model.name)
    result = np.empty((predictor.channels, len(planes), *planes.spatial), dtype=np.float32)
    with memory_reused():
        yield from _fill(result, planes, model, predictor, tiles)
    result = result.reshape(-1, *planes.lead, *planes.spatial)
    classes = model.config.num_classes
    height = result[classes] if model.config.height else None
    return Output(result[:classes], height, result[-1] if len(predictor.views) > 1 else None)


def _fill(
    result: NDArray[np.float32],
    planes: Planes,
    model: Model,
    predictor: Predictor,
    config: TileConfig,
) -> Steps[None]:
    """Write the network's output into ``(channel, plane, *spatial)``, tile by tile."""
    memory = config.memory * 1e9 or predictor.device.free_memory() / 2
    regions = plan_tiles(planes.spatial, predictor, memory, config.tile)
    pending = deque(Tile(plane, region) for plane in range(len(planes)) for region in regions)
    device, notice = UsedDevice(predictor.device.name, predictor.device.reason), ""
    done, at_once = 0, _at_once(regions, planes, predictor, memory)
    reader = _Reader(planes, model, predictor)
    yield Progress("segmenting", 0, len(pending), device=device)
    while pending:
        batch = list(_next_batch(pending, at_once, reader))
        try:
            images, kept = reader.read(batch)
            output = predictor(images, kept)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            at_once = len(batch) // 2
            pending = _smaller(pending, at_once, predictor)
            notice = "Memory ran out: going on with smaller tiles."
        else:
            for tile, part in zip(batch, output, strict=True):
                pending.popleft()
                inside = tuple(slice(*axis) for axis in tile.region)
                result[:, tile.plane][(slice(None), *inside)] = part
            done += len(batch)
        at_once = max(at_once, 1)
        total = done + len(pending)
        yield Progress("segmenting", done, total, device=device, notice=notice)


class _Reader:
    """Reads tiles of planes, normalised; a plane's limits are found once."""

    def __init__(self, planes: Planes, model: Model, predictor: Predictor) -> None:
        self._planes, self._model, self._predictor = planes, model, predictor
        self._current: tuple[int, NDArray[np.generic], Limits] | None = None

    def needs(self, tile: Tile) -> tuple[Region, Region]:
        return self._predictor.window(tile.region, self._planes.spatial)

    def read(self, tiles: list[Tile]) -> tuple[NDArray[np.float32], Region]:
        images = []
        for tile in tiles:
            window, kept = self.needs(tile)
            plane, found = self._plane(tile.plane)
            images.append(normalize(read_window(plane, window), found))
        return np.stack(images), kept

    def _plane(self, index: int) -> tuple[NDArray[np.generic], Limits]:
        if self._current is None or self._current[0] != index:
            plane = self._planes[index]
            check_values(plane, blank_allowed=len(self._planes) > 1)
            original = self._planes.original
            source = plane if original is self._planes else original[index]
            self._current = (index, plane, limits(source, self._model.normalize))
        return self._current[1:]


def plan_tiles(
    shape: tuple[int, ...], predictor: Predictor, memory: float, tile: int = 0
) -> list[Region]:
    """Return the largest tiles that fit the memory, and no larger than asked for.

    Parameters
    ----------
    shape
        Size of the image.
    memory
        Bytes that the network may use.
    tile
        Largest edge of the kept part in pixels; 0 for any.
    """

    def fits(region: Region) -> bool:
        small = not tile or all(stop - start <= tile for start, stop in region)
        return small and predictor.bytes_needed(region, shape) <= memory

    return plan(shape, predictor.strides, fits)


def _at_once(regions: list[Region], planes: Planes, predictor: Predictor, memory: float) -> int:
    """Return how many tiles go through the network together: several only on a GPU."""
    if predictor.device.kind == "cpu":
        return 1
    largest = max(predictor.bytes_needed(region, planes.spatial) for region in regions)
    return int(np.clip(memory // largest, 1, _MOST_AT_ONCE))


def _next_batch(pending: deque[Tile], at_once: int, reader: _Reader) -> Iterator[Tile]:
    """Yield the first tiles, as long as they have the same size."""
    shapes = None
    for _, tile in zip(range(at_once), pending, strict=False):
        window, kept = reader.needs(tile)
        size = [stop - start for start, stop in window], kept
        if shapes not in (None, size):
            return
        shapes = size
        yield tile


def _smaller(pending: deque[Tile], at_once: int, predictor: Predictor) -> deque[Tile]:
    """Return the tiles still to do, halved if they already go one by one."""
    if at_once:
        return pending
    halves = deque(
        Tile(tile.plane, part) for tile in pending for part in halve(tile.region, predictor.strides)
    )
    if len(halves) == len(pending):
        raise UserError(
            "Memory does not suffice for even the smallest tile: close other programs, "
            "or choose the CPU as device."
        )
    return halves


def _check_size(shape: tuple[int, ...], predictor: Predictor, name: str) -> None:
    if any(size < stride for size, stride in zip(shape, predictor.strides, strict=True)):
        least = " x ".join(map(str, predictor.strides))
        raise UserError(
            f"The image is too small ({' x '.join(map(str, shape))} pixels): "
            f"model {name!r} needs at least {least}."
        )
