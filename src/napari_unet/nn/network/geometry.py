"""How sizes and positions go through a network, one axis at a time."""

from __future__ import annotations

from dataclasses import dataclass

from napari_unet.core.config import ModelConfig
from napari_unet.core.image.tiles import Interval

_CONVOLUTIONS = 2
"""Convolutions per level."""


@dataclass(frozen=True)
class Geometry:
    """How sizes and positions go through the network along one axis.

    Parameters
    ----------
    pools
        Pooling factor per level, finest level first.
    margins
        How far the convolutions of each level see to either side, finest level first, the coarsest
        included.
    valid
        Whether convolutions are valid (they take their margin off at both ends).
    interpolated
        Whether the decoder interpolates: where it enlarges, a pixel then needs the coarse pixel
        beside its own, too.
    """

    pools: tuple[int, ...]
    margins: tuple[int, ...]
    valid: bool
    interpolated: bool

    @classmethod
    def of(cls, config: ModelConfig, axis: int) -> Geometry:
        """Return the geometry of a network along an axis."""
        return cls(
            tuple(level[axis] for level in config.pooling),
            tuple(_CONVOLUTIONS * (level[axis] // 2) for level in config.kernels),
            config.padding == "valid",
            config.up == "interpolate",
        )

    @property
    def stride(self) -> int:
        """Product of the pooling factors: tiles must begin at multiples of it."""
        product = 1
        for pool in self.pools:
            product *= pool
        return product

    @property
    def smallest(self) -> int:
        """Pixels of the smallest image: one of the network's coarsest."""
        return self.stride

    def takes(self, kept: int, size: int) -> bool:
        """Tell whether a tile may keep so many pixels of an image of a size: any number may be."""
        return True

    def window(self, kept: Interval, size: int) -> tuple[Interval, Interval]:
        """Return the input that a tile needs, and where in its output the kept part lies.

        Parameters
        ----------
        kept
            The part of the image to keep.
        size
            Pixels of the image.
        """
        start, stop = kept
        if self.valid:
            first = start - self.lead
            return (first, first + self.input_size(stop - start)), (0, stop - start)
        reach = -(-self.halo // self.stride) * self.stride
        first = max(0, start - reach)
        last = min(self.input_size(size), start + self.input_size(stop - start) + reach)
        return (first, last), (start - first, stop - first)

    def decoder_needs(self, kept: Interval) -> list[Interval]:
        """Return what each level's decoder must see before its convolutions, finest first.

        Parameters
        ----------
        kept
            The wanted part of the finest level's output, in that level's pixels.
        """
        needs = []
        start, stop = kept
        for pool, margin in zip(self.pools, self.margins, strict=False):
            start, stop = start - margin, stop + margin
            needs.append((start, stop))
            start, stop = self._coarser(start, stop, pool)
        return needs

    def _coarser(self, start: int, stop: int, pool: int) -> Interval:
        """Return the part of a level from which the decoder makes a part of the finer one."""
        reach = self.reach(pool)
        return start // pool - reach, -(-stop // pool) + reach

    def reach(self, pool: int) -> int:
        """Return how many coarse pixels beyond its own a pixel of the enlarged image needs."""
        return int(self.interpolated and pool > 1)

    def input_needs(self, kept: Interval) -> Interval:
        """Return the part of the image that the kept part of the output depends on."""
        needs = self.decoder_needs(kept)
        start, stop = self._coarser(*needs[-1], self.pools[-1])
        start, stop = start - self.margins[-1], stop + self.margins[-1]
        for pool, margin, (low, high) in zip(
            self.pools[::-1], self.margins[-2::-1], needs[::-1], strict=True
        ):
            start, stop = min(start * pool, low), max(stop * pool, high)
            start, stop = start - margin, stop + margin
        return start, stop

    @property
    def halo(self) -> int:
        """How far the receptive field reaches beyond a block of one stride of output."""
        if self.valid:
            start, stop = -self.lead, self.input_size(self.stride) - self.lead
        else:
            start, stop = self.input_needs((0, self.stride))
        return max(-start, stop - self.stride)

    @property
    def lead(self) -> int:
        """How many pixels of input lie before the first output pixel."""
        return (self._input_for_bottom(1) - self._output_for_bottom(1)) // 2 if self.valid else 0

    def input_size(self, output: int) -> int:
        """Return the smallest valid input size whose output has at least this many pixels."""
        if not self.valid:
            return -(-output // self.stride) * self.stride
        first = self._smallest_bottom()
        missing = output - self._output_for_bottom(first)
        return self._input_for_bottom(first + max(0, -(-missing // self.stride)))

    def output_size(self, size: int) -> int:
        """Return the size of the output for a valid input size."""
        return size - 2 * self.lead

    def _input_for_bottom(self, bottom: int) -> int:
        """Size of the input whose coarsest level has this size after its convolutions."""
        size = bottom + 2 * self.margins[-1]
        for pool, margin in zip(self.pools[::-1], self.margins[-2::-1], strict=True):
            size = size * pool + 2 * margin
        return size

    def _output_for_bottom(self, bottom: int) -> int:
        size = bottom
        for pool, margin in zip(self.pools[::-1], self.margins[-2::-1], strict=True):
            size = (size - 2 * self.reach(pool)) * pool - 2 * margin
        return size

    def _smallest_bottom(self) -> int:
        bottom = 1
        while self._output_for_bottom(bottom) < 1:
            bottom += 1
        return bottom
