"""The one loop that sends tiles through a network, and halves them when memory runs out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import inf, prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.errors import UserError, is_out_of_memory
from napari_unet.core.image.grid import within
from napari_unet.core.image.tiles import Region, halve, plan
from napari_unet.nn.prediction.predictor import Predictor

_MOST_AT_ONCE = 16
"""Tiles in a batch, on a GPU."""

Read = Callable[[int, Region], NDArray[np.float32] | None]
"""Returns a window of a plane, normalised, float32 ``(C, *window)``; None where nothing is to see.

The window may reach outside, where the plane is reflected. What is None does not go through the
network: its output is `nothing`.
"""


@dataclass(frozen=True)
class Tile:
    """A part of one plane that is kept from one pass through the network.

    Parameters
    ----------
    plane
        Number of the plane.
    region
        First pixel and the one after the last along each spatial axis.
    """

    plane: int
    region: Region

    @property
    def pixels(self) -> int:
        """Number of pixels that are kept."""
        return prod(stop - start for start, stop in self.region)

    def is_last(self, shape: Sequence[int]) -> bool:
        """Tell whether a plane of this size is complete with the tile, as they are in scan order.

        Parameters
        ----------
        shape
            Size of the plane.
        """
        return all(stop == size for (_, stop), size in zip(self.region, shape, strict=True))


class Pass(NamedTuple):
    """What came of one pass through the network.

    Parameters
    ----------
    outputs
        Tiles with their output, float32 ``(channels, *region)``, as of a `Predictor`; none where
        memory ran out, and smaller tiles follow.
    left
        Number of tiles that are still to do.
    """

    outputs: list[tuple[Tile, NDArray[np.float32]]]
    left: int


def plan_tiles(predictor: Predictor, region: Region, shape: tuple[int, ...]) -> list[Region]:
    """Cut a part of an image into the largest tiles that fit the memory.

    Parameters
    ----------
    predictor
        The network, and how large its tiles may be.
    region
        The part; it begins at multiples of the strides.
    shape
        Size of the image.

    Returns
    -------
    Regions of the image that cover the part without overlap, in scan order.
    """

    def placed(tile: Region) -> Region:
        return tuple(
            (start + first, stop + first)
            for (start, stop), (first, _) in zip(tile, region, strict=True)
        )

    def fits(tile: Region) -> bool:
        return (
            all(stop - start <= predictor.edge for start, stop in tile)
            and Tile(0, tile).pixels <= predictor.most_pixels
            and predictor.takes(placed(tile), shape)
            and predictor.bytes_needed(placed(tile), shape) <= predictor.memory
            and predictor.fits_time(placed(tile), shape)
        )

    sizes = [stop - start for start, stop in region]
    return [placed(tile) for tile in plan(sizes, predictor.strides, fits)]


def predict_region(
    predictor: Predictor,
    region: Region,
    shape: tuple[int, ...],
    read: Callable[[Region], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """Return the network's output for a part of an image, tile by tile.

    Parameters
    ----------
    predictor
        The network.
    region
        The part, which may begin anywhere.
    shape
        Size of the image.
    read
        As `Read`, of the one plane that there is: gives float32 ``(C, *region)``.

    Returns
    -------
    Float32 ``(channels, *region)``, as of a `Predictor`.

    Raises
    ------
    UserError
        When memory does not even suffice for the smallest tile.
    """
    # tiles must begin where the network's coarsest pixels do
    outer = tuple(
        (start - start % stride, stop)
        for (start, stop), stride in zip(region, predictor.strides, strict=True)
    )
    result = np.empty((predictor.channels, *(stop - start for start, stop in outer)), np.float32)
    tiles = [Tile(0, part) for part in plan_tiles(predictor, outer, shape)]
    for done in run_tiles(predictor, tiles, shape, lambda _, window: read(window)):
        for tile, output in done.outputs:
            result[(slice(None), *within(tile.region, outer))] = output
    return result[(slice(None), *within(region, outer))]


def run_tiles(
    predictor: Predictor, tiles: Iterable[Tile], shape: tuple[int, ...], read: Read
) -> Iterator[Pass]:
    """Send tiles through the network, and halve them when memory runs out.

    Parameters
    ----------
    predictor
        The network.
    tiles
        What to keep, in the order in which it is to be done; halves keep this order.
    shape
        Size of the planes.
    read
        Reads what a tile needs.

    Yields
    ------
    What came of each pass.

    Raises
    ------
    UserError
        When memory does not even suffice for the smallest tile.
    """
    pending = deque(tiles)
    while pending:
        batch = list(_next_batch(predictor, pending, shape))
        outputs = _outputs(predictor, batch, shape, read)
        if outputs:
            for _ in batch:
                pending.popleft()
        else:
            predictor.most_pixels = _fewer_pixels(predictor, batch)
            pending = deque(part for tile in pending for part in _cut_to_fit(predictor, tile))
        yield Pass(outputs, len(pending))


def _next_batch(
    predictor: Predictor, pending: deque[Tile], shape: tuple[int, ...]
) -> Iterator[Tile]:
    """Yield the first tiles that go through the network together, all of one size."""
    at_once, size = _at_once(predictor, pending[0], shape), None
    for tile in islice(pending, at_once):
        window, kept = predictor.window(tile.region, shape)
        this = [stop - start for start, stop in window], kept
        if size not in (None, this):
            return
        size = this
        yield tile


def _at_once(predictor: Predictor, tile: Tile, shape: tuple[int, ...]) -> int:
    """Return how many tiles of a size go through the network together: several only on a GPU."""
    if predictor.device.kind == "cpu":
        return 1
    fitting = predictor.memory / predictor.bytes_needed(tile.region, shape)
    return int(np.clip(min(fitting, predictor.most_pixels / tile.pixels), 1, _MOST_AT_ONCE))


def _outputs(
    predictor: Predictor, batch: list[Tile], shape: tuple[int, ...], read: Read
) -> list[tuple[Tile, NDArray[np.float32]]]:
    """Return each tile with its output; no tiles where memory runs out."""
    images = []
    try:
        for tile in batch:
            window, kept = predictor.window(tile.region, shape)
            images.append(read(tile.plane, window))
        seen = [image for image in images if image is not None]
        outputs = iter(predictor(np.stack(seen), kept) if seen else ())
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        return []
    return [
        (tile, nothing(predictor.channels, tile.region) if image is None else next(outputs))
        for tile, image in zip(batch, images, strict=True)
    ]


def nothing(channels: int, region: Region) -> NDArray[np.float32]:
    """Return the output of a network that is sure to see background only.

    Parameters
    ----------
    channels
        Of a `Predictor`: background first.
    region
        What the output is for.

    Returns
    -------
    Float32 ``(channels, *region)``.
    """
    output = np.zeros((channels, *(stop - start for start, stop in region)), np.float32)
    output[0] = 1
    return output


def _fewer_pixels(predictor: Predictor, batch: list[Tile]) -> int:
    """Return about half the pixels of what memory did not suffice for."""
    if len(batch) > 1:
        return len(batch) // 2 * batch[0].pixels
    (tile,) = batch
    halves = halve(tile.region, predictor.strides)
    if len(halves) == 1:
        # whoever closes other programs and tries again shall not begin with the smallest tiles
        predictor.most_pixels = inf
        other = "" if predictor.device.kind == "cpu" else ", or choose the CPU as device"
        raise UserError(
            f"Memory does not suffice for even the smallest tile: close other programs{other}."
        )
    return max(Tile(tile.plane, half).pixels for half in halves)


def _cut_to_fit(predictor: Predictor, tile: Tile) -> Iterator[Tile]:
    """Yield a tile in parts that are as small as they must be, in scan order."""
    halves = halve(tile.region, predictor.strides)
    if tile.pixels <= predictor.most_pixels or len(halves) == 1:
        yield tile
        return
    for half in halves:
        yield from _cut_to_fit(predictor, Tile(tile.plane, half))
