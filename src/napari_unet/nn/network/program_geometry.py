"""How sizes and positions go through a network that is a program, one axis at a time."""

from __future__ import annotations

from dataclasses import dataclass

from napari_unet.core.image.tiles import Interval


@dataclass(frozen=True)
class ProgramGeometry:
    """How sizes and positions go through a program along one axis.

    Where it is known how far the program sees, tiles overlap by that and no result depends on them.
    A program that takes one size only, or whose layers look at all of a tile, gets tiles of one
    size, each of which is cropped; an image that is no larger goes through at once.

    Parameters
    ----------
    least
        Pixels of the smallest input; of the only one where `whole`.
    step
        Inputs are the smallest one, or larger by a multiple of it, and tiles begin at multiples.
    lead
        How many pixels of input lie before the first output pixel.
    crop
        Pixels of the output that are not kept at the ends of a tile that are not ends of the image.
    whole
        Whether all tiles have one size.
    """

    least: int
    step: int
    lead: int = 0
    crop: int = 0
    whole: int = 0

    @property
    def stride(self) -> int:
        """Tiles begin at multiples of it."""
        return self.output_size(self.least) - 2 * self.crop if self.whole else self.step

    @property
    def smallest(self) -> int:
        """Pixels of the smallest image, which is mirrored where the program needs more."""
        return 1

    @property
    def halo(self) -> int:
        """How far the input of a tile reaches beyond what is kept."""
        return self.lead + self.crop

    def takes(self, kept: int, size: int) -> bool:
        """Tell whether a tile may keep so many pixels of an image of a size."""
        return not self.whole or kept <= self.stride or size <= self.output_size(self.least)

    def input_size(self, output: int) -> int:
        """Return the smallest input whose output has at least this many pixels."""
        if self.whole:
            return self.least
        missing = max(0, output + 2 * self.lead - self.least)
        return self.least + -(-missing // self.step) * self.step

    def output_size(self, size: int) -> int:
        """Return the size of the output for an input."""
        return size - 2 * self.lead

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
        if self.whole:
            first = 0 if size <= self.output_size(self.least) else start - self.crop
            seen = first - self.lead, first - self.lead + self.least
            return seen, (start - first, stop - first)
        reach = -(-self.crop // self.step) * self.step
        end = self.output_size(self.input_size(size))
        first = max(0, start - reach)
        last = first + self.output_size(self.input_size(min(end, stop + reach) - first))
        if last > end:
            first, last = max(0, first - -(-(last - end) // self.step) * self.step), end
        return (first - self.lead, last + self.lead), (start - first, stop - first)
