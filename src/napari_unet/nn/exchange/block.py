"""The sizes that a package tells: what its network takes, and what of its output counts."""

from __future__ import annotations

from dataclasses import dataclass

from napari_unet.nn.network.geometry import Geometry


@dataclass(frozen=True)
class Block:
    """The parts that another program may cut an image into, along one axis.

    A program that cuts as is said here puts its blocks together to what one pass over the whole
    image gives: it crops all that the network did not see enough around, and begins each block
    where the network's coarsest pixels do.

    Parameters
    ----------
    smallest
        Pixels of the smallest input.
    step
        Inputs are the smallest one, or larger by a multiple of it.
    lost
        How many pixels fewer come out.
    halo
        Pixels of the output that are to be cropped at both ends.
    """

    smallest: int
    step: int
    lost: int
    halo: int

    @classmethod
    def of(cls, geometry: Geometry) -> Block:
        """Return the blocks for a network's geometry."""
        step, lost = geometry.stride, 2 * geometry.lead
        if geometry.valid:
            # nothing of the output lacks context, but blocks must be whole steps apart
            rest = geometry.output_size(geometry.input_size(1)) % step
            halo = (rest if rest % 2 == 0 else rest + step) // 2
        else:
            halo = -(-geometry.halo // step) * step
        return cls(geometry.input_size(2 * halo + step), step, lost, halo)
