"""How a large image is segmented."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from napari_unet.core.config import DecodeConfig, LinkConfig, SizeConfig, TileConfig
from napari_unet.core.image.axes import SPATIAL

if TYPE_CHECKING:
    from napari_unet.io.picture import Picture


@dataclass(frozen=True)
class Settings:
    """How a large image is segmented; the same as `napari_unet.segment` takes.

    Parameters
    ----------
    axes
        One letter of TZCYX per axis; None for what the picture says, or a guess.
    channels
        Which of the image's channels go into the network, in this order; empty for all.
    spacing
        Size of a pixel in µm along Z, Y and X, for a picture that does not tell its own.
    tiles
        Device, precision and views. A tile is never larger than a block; a memory of 0 is what
        a block needs, or half of what is free when the job begins.
    decode
        How objects are made; None for the model's own way.
    size
        Whether the image is brought to the size that the model knows.
    link
        Which objects of neighbouring planes and frames are one.
    block
        Edges of a block, for each axis that the network sees; empty for about 1024 x 1024
        pixels, 64 x 256 x 256 in 3D.
    """

    axes: str | None = None
    channels: tuple[int, ...] = ()
    spacing: tuple[float, ...] = ()
    tiles: TileConfig = field(default_factory=TileConfig)
    decode: DecodeConfig | None = None
    size: SizeConfig = field(default_factory=SizeConfig)
    link: LinkConfig = field(default_factory=LinkConfig)
    block: tuple[int, ...] = ()


def described(picture: Picture, settings: Settings) -> Picture:
    """Return a picture with the axes and the pixel size that were given, where they count."""
    axes = settings.axes.upper() if settings.axes else picture.axes
    spatial, stated = (
        "".join(letter for letter in letters or "" if letter in SPATIAL[3])
        for letters in (axes, picture.axes)
    )
    spacing = picture.spacing if spatial == stated else None
    unit = picture.unit if spacing else "px"
    if spacing is None and settings.spacing:
        spacing, unit = settings.spacing, "µm"
    return replace(picture, axes=axes, spacing=spacing, unit=unit)
