"""Grey values saved as a colour image: in grey, one colour, a colour table, or several on black."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.image.axes import COLOUR
from napari_unet.core.image.channels import RGB
from napari_unet.core.image.planes import arrange
from napari_unet.core.image.sampled import sample_windows

_NOTHING = 0.1
"""Share of the spread of the fullest channel below which one holds nothing, or nothing new.

Of the 70 images of stained tissue in DSB2018 the second fullest channel has .52 of the spread of
the fullest or more, and no channel differs from it by less than .29 of it. One in blue on black has
0, and up to .085 where it was saved as JPEG of quality 30; one in grey differs by 0, also then.
"""
_GROUND, _BRIGHT, _BLACK = 10, 99.5, 0.3
"""Percentiles of the brightest channel of each pixel, and below which share of the other the first
is black. Of the 70 images of stained tissue in DSB2018 it is .65 or more.
"""
_FRAME = 0.05
"""Below which share of it a pixel may be that of a black frame, as around turned tissue."""
_TABLE, _FEWEST = 512, 32
"""So many different colours are few enough for a colour table with text on it, and enough to tell.
The 70 images of stained tissue have 2,268 and more."""
_NEAR, _THIN = 0.15, 0.15
"""Colours of a table lie on a curve: those within this share of all that they span are this much
wider across it than along it at most. With viridis and magma it is .11 at most, with 64 or 256
colours that were chosen for an image of tissue .18 and more.
"""
_IMPURE, _PURE = 0.1, 0.9
"""Pure colours are those of which red, green and blue are all or nothing, within this share of the
brightest. Where so many are, of several colours, there are several dyes and no table."""
_LUMA = 0.299, 0.587, 0.114
"""How bright red, green and blue look."""
_STRAIGHT = 0.03
"""Share of the spread by which colours stray from a straight line: shades of one colour."""
_SHADES = "The colours of this image are shades of one: one channel is looked at."
_ALIKE = "The colours of this image are shades of grey: one channel is looked at."
_ALONE = "the others hold nothing"
_WINDOWS = 16
"""About so many windows of a large image are looked at."""
_PIXELS = 2**18
"""About so many pixels of each are."""
_COUNTED, _GLANCE = 2**16, 2**12
"""Of about so many pixels colours are counted, unless the first of them have too many."""


@dataclass(frozen=True)
class GreyChannel:
    """The channel that holds all there is in a colour image.

    Parameters
    ----------
    number
        Which one, counted from 0.
    told
        A sentence that says that it is looked at, and why.
    """

    number: int
    told: str


def grey_channel(image: Any, axes: str) -> GreyChannel | None:
    """Return the channel that holds all there is in a colour image; None where several do.

    Parameters
    ----------
    image
        numpy, dask or zarr array, any real dtype. Windows of the plane in the middle are looked at.
    axes
        One letter of TZCYX per array axis; only a last axis of channels is that of colours.

    Raises
    ------
    UserError
        If the axes do not fit the image, or it cannot be read.
    """
    letters = axes.upper()
    if not letters.endswith("C") or image.shape[-1] not in COLOUR[1:]:
        return None
    pixels = _pixels(image, letters)
    spreads = pixels.std(axis=1)
    fullest = int(spreads.argmax())
    empty = spreads < _NOTHING * spreads[fullest]
    alike = (pixels - pixels[fullest]).std(axis=1) < _NOTHING * spreads[fullest]
    if not (empty | alike).all():
        some = pixels[:, :: -(-pixels.shape[1] // _COUNTED)]
        return _of_table(some, fullest) if _is_table(some[: len(RGB)]) else None
    if empty.sum() < len(empty) - 1:
        return GreyChannel(fullest, _ALIKE)
    return GreyChannel(fullest, f"{_only(fullest)}: {_ALONE}.")


def _of_table(pixels: NDArray[np.float64], fullest: int) -> GreyChannel:
    """Return the channel that shows most of grey values that were saved in a table's colours."""
    along = [np.polyfit(pixels[fullest], each, 1) for each in pixels]
    strays = [
        (each - np.polyval(line, pixels[fullest])).std()
        for each, line in zip(pixels, along, strict=True)
    ]
    if max(strays) < _STRAIGHT * pixels[fullest].std():
        return GreyChannel(fullest, _SHADES)
    colours = pixels[: len(RGB)]
    with np.errstate(invalid="ignore"):  # of a colour that is everywhere the same
        alike = np.corrcoef([*colours, np.array(_LUMA) @ colours])[-1, :-1]
    number = int(np.nanargmax(alike))
    return GreyChannel(
        number,
        "The labels may be wrong: grey values of this image were saved in the colours of a colour "
        f"table, and only {RGB[number].name} is looked at. Segment the original image, or save it "
        "again in grey.",
    )


def _is_table(pixels: NDArray[np.float64]) -> bool:
    """Tell whether few colours lie on one curve, as those of a colour table do."""
    if len(pixels) < len(RGB) or len(np.unique(pixels[:, :_GLANCE], axis=1).T) > _TABLE:
        return False
    colours = np.unique(pixels, axis=1).T
    if not _FEWEST <= len(colours) <= _TABLE or _are_pure(colours):
        return False
    near = _NEAR * np.ptp(colours, axis=0).max()
    return bool(np.median([_width(colours, each, near) for each in colours]) < _THIN)


def _are_pure(colours: NDArray[np.float64]) -> bool:
    """Tell whether colours are shades of several pure ones, such as red and green side by side."""
    brightest = colours.max(axis=1, keepdims=True)
    lit = colours > brightest / 2
    off = np.abs(colours - lit * brightest).max(axis=1)
    pure = (off <= _IMPURE * colours.max()) & (brightest[:, 0] > _IMPURE * colours.max())
    shades = np.unique(lit[pure], axis=0, return_counts=True)[1]
    shown = np.count_nonzero(brightest > _IMPURE * colours.max())
    others = np.sort(shades)[:-1].sum()
    return bool(pure.sum() > _PURE * shown and others > (1 - _PURE) * shown)


def _width(colours: NDArray[np.float64], colour: NDArray[np.float64], near: float) -> float:
    """Return how wide colours near one are across, of how far they go along; 1 for too few."""
    around = colours[np.linalg.norm(colours - colour, axis=1) <= near]
    if len(around) <= len(RGB):
        return 1.0
    along, across, _ = np.linalg.svd(around - around.mean(axis=0), compute_uv=False)
    return float(across / along)


def is_overlay(image: Any, axes: str) -> bool:
    """Tell whether a colour image shows colours on black, as fluorophores laid over each other do.

    Parameters, and errors, are those of `grey_channel`.
    """
    letters = axes.upper()
    if not letters.endswith("C") or image.shape[-1] not in COLOUR[1:]:
        return False
    colours = _pixels(image, letters)[: len(RGB)]
    brightest = colours.max(axis=0)
    bright = np.percentile(brightest, _BRIGHT)
    shown = brightest[brightest > _FRAME * bright]
    grounds = (np.percentile(each, _GROUND) for each in (brightest, shown) if each.size)
    return all(ground < _BLACK * bright for ground in grounds)


def one_colour(number: int) -> str:
    """Return a sentence that says which colour of an overlay is looked at."""
    return f"{_only(number)}, which fits best."


def _only(number: int) -> str:
    name = RGB[number].name if number < len(RGB) else "the last"
    return f"Of the colours of this image only {name} is looked at"


def _pixels(image: Any, axes: str) -> NDArray[np.float64]:
    """Return pixels that stand for the plane in the middle, ``(channels, pixels)``."""
    planes = arrange(image, axes, 2, image.shape[-1])
    windows = sample_windows(planes.spatial)
    parts = []
    for window in windows[:: -(-len(windows) // _WINDOWS)]:
        part = planes.window(len(planes) // 2, window)
        step = max(1, isqrt(part[0].size // _PIXELS))
        parts.append(part[:, ::step, ::step].reshape(len(part), -1))
    return np.concatenate(parts, axis=1).astype(np.float64)
