"""A regular grid of blocks over an image, and which block a pixel lies in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.image.tiles import Region


@dataclass(frozen=True)
class Grid:
    """Blocks in scan order, the last along each axis smaller where it does not fit.

    Parameters
    ----------
    shape
        Size of the image along each axis.
    edges
        Size of a block along each axis.
    """

    shape: tuple[int, ...]
    edges: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of blocks along each axis."""
        return tuple(-(-size // edge) for size, edge in zip(self.shape, self.edges, strict=True))

    def __len__(self) -> int:
        return math.prod(self.counts)

    def region(self, index: int) -> Region:
        """Return the pixels of a block."""
        position = map(int, np.unravel_index(index, self.counts))
        return tuple(
            (at * edge, min((at + 1) * edge, size))
            for at, edge, size in zip(position, self.edges, self.shape, strict=True)
        )

    def owners(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the block of each pixel, int64 ``(n,)``, from its flat index in the image."""
        block = np.zeros(len(places), np.int64)
        positions = np.unravel_index(places, self.shape)
        for at, edge, count in zip(positions, self.edges, self.counts, strict=True):
            block = block * count + at // edge
        return block


def within(region: Region, outer: Region) -> tuple[slice, ...]:
    """Return the slices that cut a region out of an array of a larger one."""
    return tuple(
        slice(start - first, stop - first)
        for (start, stop), (first, _) in zip(region, outer, strict=True)
    )
