"""Views of an image for prediction: mirrored and turned, and the mean over them.

Tiles begin and end where the network's coarsest pixels do, also seen from the other side. So a
view of a tile is a tile of the view, and the mean over views does not depend on the tiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

import torch
from torch import Tensor

from napari_unet.core.image.tiles import Region
from napari_unet.nn.network.geometry import Geometry
from napari_unet.nn.network.program_geometry import ProgramGeometry


@dataclass(frozen=True)
class View:
    """One way to look at an image.

    Parameters
    ----------
    turned
        Whether Y and X, the last two axes, are exchanged first.
    mirrored
        Which axes are then mirrored, counted from the last one, -1.
    """

    turned: bool = False
    mirrored: tuple[int, ...] = ()

    def of(self, x: Tensor) -> Tensor:
        """Return an image ``(..., *spatial)`` as it is seen, of the same dtype."""
        x = x.transpose(-2, -1) if self.turned else x
        return x.flip(self.mirrored) if self.mirrored else x

    def back(self, x: Tensor) -> Tensor:
        """Return what was seen, ``(..., *spatial)``, as it lies in the image."""
        x = x.flip(self.mirrored) if self.mirrored else x
        return x.transpose(-2, -1) if self.turned else x

    def region(self, region: Region, shape: Sequence[int]) -> Region:
        """Return where a part of an image of a shape is seen."""
        axes = list(zip(region, shape, strict=True))
        if self.turned:
            axes[-2:] = axes[:-3:-1]
        for axis in self.mirrored:
            (start, stop), size = axes[axis]
            axes[axis] = (size - stop, size - start), size
        return tuple(interval for interval, _ in axes)


def views_of(name: str, geometry: Sequence[Geometry | ProgramGeometry]) -> list[View]:
    """Return the views that a choice of `TileConfig.views` stands for, the plain one first.

    Parameters
    ----------
    name
        ``"one"``; ``"mirrored"`` along all axes and combinations of them; ``"mirrored and
        rotated"`` by quarter turns in the YX plane, too, if the network pools alike along both.
    geometry
        The network's geometry per axis.
    """
    if name == "one":
        return [View()]
    axes = range(-len(geometry), 0)
    mirrored = chain.from_iterable(combinations(axes, count) for count in range(len(geometry) + 1))
    turns = name == "mirrored and rotated" and geometry[-2] == geometry[-1]
    return [View(*each) for each in product((False, True) if turns else (False,), mirrored)]


class Mean:
    """The mean over views, and how far the first channel spreads, without keeping the views.

    After Welford 1962, which stays accurate in float32.
    """

    def __init__(self) -> None:
        self._count = 0

    def add(self, x: Tensor) -> None:
        """Add ``(N, C, *spatial)`` of one more view."""
        self._count += 1
        if self._count == 1:
            self._mean, self._squares = x, torch.zeros_like(x[:, :1])
            return
        away = x[:, :1] - self._mean[:, :1]
        self._squares.addcmul_(away, away, value=1 - 1 / self._count)
        self._mean.lerp_(x, 1 / self._count)

    @property
    def result(self) -> Tensor:
        """The mean ``(N, C, *spatial)``; of several views with a last channel, the spread."""
        if self._count == 1:
            return self._mean
        return torch.cat([self._mean, (self._squares / self._count).sqrt()], 1)
