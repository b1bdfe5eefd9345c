"""How large a pixel is, and how long a frame takes, as ImageJ and OME write it into a TIFF file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tifffile

from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.image.units import micrometres, pixels, seconds
from napari_unet.io.tiff.series import pixels_of_ome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from xml.etree.ElementTree import Element

    Length = Callable[[str], float | None]


_INCH, _CENTIMETRE = 25_400.0, 10_000.0
_DENSEST_PRINT = 1200
"""Up to so many pixels per inch, a whole number says how a picture is printed."""


def read_scale(path: Path, axes: str) -> tuple[float, ...] | None:
    """Return the size of a pixel in no unit, as `write_tiff` writes it for ``"px"``.

    Parameters
    ----------
    path
        A TIFF file.
    axes
        The letters, of which it is returned for Z, Y and X; None if the file does not say it.
    """
    with tifffile.TiffFile(path) as file:
        return sizes_in(file, pixels).of(axes)


def sizes_in(file: tifffile.TiffFile, length: Length = micrometres) -> Spacing:
    """Return the size of a pixel along the axes of which a TIFF file tells one above 0.

    Parameters
    ----------
    file
        The file.
    length
        How long a unit is, None for one that does not count; in µm unless given.
    """
    return stated_sizes(file, pixels_of_ome(file), length)


def stated_sizes(file: tifffile.TiffFile, ome: Element, length: Length = micrometres) -> Spacing:
    """Return what `sizes_in` does, from OME metadata that were parsed already."""
    stated: dict[str, float] = {}
    if file.is_ome:
        stated = _sizes_of_ome(ome.attrib, length)
    elif file.is_imagej and file.imagej_metadata:
        stated = _sizes_of_imagej(file, length)
    return Spacing({letter: size for letter, size in stated.items() if 0 < size < math.inf})


def leaves_depth_away(file: tifffile.TiffFile) -> bool:
    """Tell whether ImageJ's own distance of planes holds, 1: nobody has set it, or it is so."""
    about = file.imagej_metadata if file.is_imagej else None
    return about is not None and not {"spacing", "zunit"} & set(about)


def may_be_film(file: tifffile.TiffFile, axes: str) -> bool:
    """Tell whether planes may be frames: the file says the time of one, and no distance of planes.

    Parameters
    ----------
    file
        The file.
    axes
        One letter per axis, as it says.
    """
    if "Z" not in axes or "T" in axes or not leaves_depth_away(file):
        return False
    return step_in(file, pixels_of_ome(file)) is not None


def step_in(file: tifffile.TiffFile, ome: Element) -> float | None:
    """Return the seconds from one frame to the next; None where the file does not say."""
    step = math.nan
    if file.is_ome:
        unit = seconds(ome.get("TimeIncrementUnit", "s"))
        step = number_in(ome.get("TimeIncrement")) * (unit or math.nan)
    elif file.is_imagej and file.imagej_metadata:
        unit = seconds(str(file.imagej_metadata.get("tunit", "s")))
        step = number_in(file.imagej_metadata.get("finterval")) * (unit or math.nan)
    return step if 0 < step < math.inf else None


def _sizes_of_imagej(file: tifffile.TiffFile, length: Length) -> dict[str, float]:
    about = file.imagej_metadata or {}
    tags = file.pages.first.tags
    if "XResolution" not in tags or "YResolution" not in tags:
        return {}
    # planes of which the time is known, and nothing else, may be frames
    timed = "frames" not in about and number_in(about.get("finterval")) > 0
    counts = {"Z": number_in(about.get("spacing", math.nan if timed else 1.0))}
    for axis in "YX":
        count, steps = tags[f"{axis}Resolution"].value
        counts[axis] = steps / count if count else math.nan
    usual = about.get("unit", "")
    units = {axis: str(about.get(f"{axis.lower()}unit", usual)) for axis in counts}
    if any(_on_paper(counts[axis], units[axis]) for axis in "YX"):
        return {}
    return {axis: count * (length(units[axis]) or math.nan) for axis, count in counts.items()}


def _on_paper(size: float, unit: str) -> bool:
    """Tell whether a size in inches or centimetres is that of a dot and not of an object."""
    length = micrometres(unit)
    if length not in (_INCH, _CENTIMETRE) or not size > 0:
        return False
    if length == _CENTIMETRE and _is_whole(1 / size):  # nobody prints so, but rulers measure so
        return False
    per_inch = _INCH / (size * length)
    return per_inch <= _DENSEST_PRINT and _is_whole(per_inch)


def _is_whole(number: float) -> bool:
    return math.isclose(number, round(number), rel_tol=1e-4)


def _sizes_of_ome(about: Mapping[str, str], length: Length) -> dict[str, float]:
    sizes = {}
    for axis in SPATIAL[3]:
        scale = length(about.get(f"PhysicalSize{axis}Unit", "µm"))
        if f"PhysicalSize{axis}" in about and scale:
            sizes[axis] = scale * number_in(about[f"PhysicalSize{axis}"])
    return sizes


def number_in(value: Any) -> float:
    """Return what a file says as a number; not a number where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
