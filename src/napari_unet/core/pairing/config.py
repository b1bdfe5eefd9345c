"""Which nucleus belongs to which cell."""

from __future__ import annotations

from dataclasses import dataclass

from napari_unet.core.option import Config, option


@dataclass(frozen=True)
class PairConfig(Config):
    """Which nucleus belongs to which cell, and what is measured around it.

    Lengths are in the unit of the spacing, in pixels where that is not known.
    """

    share: float = option(
        0.5,
        "A nucleus belongs to the cell that holds most of it, if that is at least this share of "
        "its pixels.",
        low=0.01,
        high=1,
    )
    several: bool = option(
        False,
        "Take all nuclei of a cell together, for cells that have several. Otherwise the largest "
        "one counts, and the others are listed on their own.",
    )
    ring: float = option(
        3.0,
        "Width of the ring around each nucleus that is measured, in µm, or in pixels where their "
        "size is not known.",
        low=0,
        high=10_000,
    )
    grow: float = option(
        0.0,
        "Where there are only nuclei: how far cells reach beyond them, in µm, or in pixels where "
        "their size is not known; 0 for no cells.",
        low=0,
        high=10_000,
        zero="no",
    )
