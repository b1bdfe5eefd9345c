"""How a large image is cut into blocks: what one task works on, and one chunk of the results."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_unet.core.image.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence


BLOCK_PIXELS = {2: 2**20, 3: 2**22}
"""Pixels of a block by the network's number of spatial axes: 1024 x 1024, 64 x 256 x 256."""
_OVERVIEW = 1024
"""The coarsest level of the results is about this large."""
_SMALLEST_CHUNK = 32


@dataclass(frozen=True)
class Layout:
    """Blocks, and levels of the pyramid.

    Parameters
    ----------
    grid
        The blocks of one plane.
    levels
        Levels of the pyramid, the finest included.
    """

    grid: Grid
    levels: int


def lay_out(shape: tuple[int, ...], strides: Sequence[int], wanted: Sequence[int] = ()) -> Layout:
    """Choose the blocks of a plane.

    Parameters
    ----------
    shape
        Size of a plane along each spatial axis.
    strides
        What tiles begin at multiples of, per axis.
    wanted
        Edges of a block, which are rounded up to what fits; empty for edges that suit the memory.
    """
    edges = list(wanted) or _edges(shape)
    levels = 1
    while (
        max(shape[-2:]) > _OVERVIEW * 2 ** (levels - 1)
        and min(edges[-2:]) >= 2**levels * _SMALLEST_CHUNK
    ):
        levels += 1
    halved = [1] * (len(shape) - 2) + [2 ** (levels - 1)] * 2
    steps = [math.lcm(*pair) for pair in zip(strides, halved, strict=True)]
    fitting = tuple(-(-edge // step) * step for edge, step in zip(edges, steps, strict=True))
    return Layout(Grid(shape, fitting), levels)


def _edges(shape: tuple[int, ...]) -> list[int]:
    """Halve the longest edge until a block is small enough."""
    edges = [2 ** math.ceil(math.log2(size)) for size in shape]
    while math.prod(edges) > BLOCK_PIXELS[len(shape)]:
        longest = max(range(len(edges)), key=edges.__getitem__)
        edges[longest] //= 2
    return edges
