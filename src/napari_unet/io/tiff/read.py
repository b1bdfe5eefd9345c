"""TIFF files read, with the axes, the colours and the size of a pixel that they say."""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

from napari_unet.core.image.axes import LETTERS, SPATIAL
from napari_unet.core.image.channels import RGB, Channel, channels_of_imagej, channels_of_ome
from napari_unet.core.image.spacing import Spacing
from napari_unet.io.picture import Picture, check_colours
from napari_unet.io.tiff.series import images_in, left_out, missing_planes, pixels_of_ome
from napari_unet.io.tiff.sizes import (
    leaves_depth_away,
    may_be_film,
    number_in,
    stated_sizes,
    step_in,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element


_FOR_PRINTING: dict[int | None, str] = {
    tifffile.PHOTOMETRIC.SEPARATED: "CMYK",
    tifffile.PHOTOMETRIC.CIELAB: "Lab",
    tifffile.PHOTOMETRIC.ICCLAB: "Lab",
    tifffile.PHOTOMETRIC.ITULAB: "Lab",
}
_TRANSPARENCY = (tifffile.EXTRASAMPLE.ASSOCALPHA, tifffile.EXTRASAMPLE.UNASSALPHA)
_LEFT_AWAY = (
    "The file says that its last channel is how transparent the colours are, and it is left away: "
    "if it is a channel like the others, save it without transparency."
)
_CALIBRATED = (
    "The file has a calibration of its grey values, which is not read: they are the numbers in the "
    "file, and not what Fiji shows."
)
_NO_DISTANCE = (
    "The file does not say how far apart its planes are: {} is taken, as Fiji does. If nobody has "
    "set it, give the size of a pixel along Z, or volumes are wrong."
)
_MAYBE_FILM = (
    "The axes {} are a guess, as the file says how long a frame takes and not how far apart planes "
    "are: for a film, give the axes {}."
)
LARGE = 2**30
"""Bytes of pixels beyond which an image stays in its file, and is read part by part."""


def read_tiff(path: Path) -> Picture:
    """Read the first image of a TIFF file, of a small pyramid its finest level.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    The picture; its axes are None if the file's letters are not all known, or its planes may be
    frames: where it says how long a frame takes and not how far apart planes are. Sizes of pixels
    are known that ImageJ or OME metadata give, in units of length, and that a microscope can have.
    Transparency is left away, with a note where it differs from pixel to pixel; in a file that
    keeps each channel in planes of its own, what so differs is a channel like the others. Numbers
    are those in the file, also where it says that they mean others. The data
    of a file of more than `LARGE` bytes stay in it: they are a dask array, as each coarser level
    is.

    Raises
    ------
    UserError
        If its colours are not red, green and blue.
    """
    with tifffile.TiffFile(path) as file:
        series, *others = images_in(file)
        check_colours(path.name, _strange_colours(series.keyframe))
        axes = series.axes.replace("S", "C")
        fits = len(set(axes)) == len(axes) == len(series.shape)
        known = fits and set(axes) <= set(LETTERS)
        ome = pixels_of_ome(file)
        stated = Spacing.along(axes, stated_sizes(file, ome)) if known else Spacing()
        sizes, doubts = stated.believed()
        step = step_in(file, ome) if known else None
        surely, depth = _depth_in(file, axes, sizes) if known else (None, ())
        channels = _channels_in(file, series, ome)
        missing = missing_planes(series) if file.is_ome else ()
        signed, meaning = _meaning_in(file)
        count = len(series.levels) if series.nbytes > LARGE else 0
        levels = tuple(_lazy(path, level) for level in range(count))
        data = levels[0] if levels else series.asarray()
        notes: tuple[str, ...] = ()
        if _is_seen_through(series):
            even = not levels and np.ptp(_last(data, series)) == 0
            if even or series.axes.endswith("S"):
                levels = tuple(_opaque(level, series) for level in levels)
                notes = () if even or levels else (_LEFT_AWAY,)
                data = levels[0] if levels else _opaque(data, series)
            else:
                channels = ()
    spacing = sizes.of(axes)
    partial = sizes if sizes.of(SPATIAL[2]) else Spacing()
    return Picture(
        data,
        surely,
        spacing,
        "µm" if spacing or partial else "px",
        path.stem,
        levels,
        negative=series.keyframe.photometric == tifffile.PHOTOMETRIC.MINISWHITE,
        signed=signed and data.dtype == np.uint16,
        partial=partial,
        notes=left_out(1 + len(others)) + missing + meaning + doubts + depth + notes,
        channels=channels,
        coloured=channels == RGB and _samples_in(data, series) == len(RGB),
        step=step,
    )


def _depth_in(
    file: tifffile.TiffFile, axes: str, sizes: Spacing
) -> tuple[str | None, tuple[str, ...]]:
    """Return axes, None where they are a guess, and what is doubtful about the depth of ImageJ."""
    if may_be_film(file, axes):
        if axes == SPATIAL[3]:  # wherever three axes are guessed, it is told
            return None, ()
        return axes, (_MAYBE_FILM.format(axes, axes.replace("Z", "T")),)
    if not leaves_depth_away(file) or not sizes.of("Z"):
        return axes, ()
    taken = Spacing({"Z": sizes.sizes["Z"]}).in_words("µm").removesuffix(" (Z)")
    return axes, (_NO_DISTANCE.format(taken),)


def _channels_in(
    file: tifffile.TiffFile, series: tifffile.TiffPageSeries, ome: Element
) -> tuple[Channel, ...]:
    if series.keyframe.photometric == tifffile.PHOTOMETRIC.RGB:
        return RGB
    if file.is_ome:
        return channels_of_ome(ome)
    return channels_of_imagej((file.imagej_metadata or {}).get("LUTs", ()))


def _samples_in(data: Any, series: tifffile.TiffPageSeries) -> int:
    """Return of how many colours a pixel is, wherever they stand."""
    return int(data.shape[series.axes.index("S")]) if "S" in series.axes else 1


def _strange_colours(page: Any) -> str | None:
    """Return what colours are that stay something else than red, green and blue when read."""
    decoded = "JPEG" in tifffile.COMPRESSION(page.compression).name
    if page.photometric == tifffile.PHOTOMETRIC.YCBCR and not decoded:
        return "YCbCr"
    return _FOR_PRINTING.get(page.photometric)


def _lazy(path: Path, level: int) -> Any:
    """Return a level of the image as a dask array whose chunks are read when asked for."""
    import dask.array  # noqa: PLC0415 - takes long, and only large files need it
    import zarr  # noqa: PLC0415

    file = tifffile.TiffFile(path)
    try:
        array = zarr.open_array(images_in(file)[0].aszarr(level=level), mode="r")
    except BaseException:
        file.close()
        raise
    weakref.finalize(array, file.close)
    return dask.array.from_array(  # type: ignore[no-untyped-call]
        array, chunks=array.chunks, name=False
    )


def _is_seen_through(series: tifffile.TiffPageSeries) -> bool:
    """Tell whether the file says that the last channel is how transparent a colour is."""
    samples: Sequence[int] = getattr(series.keyframe, "extrasamples", ())
    return "S" in series.axes and bool(samples) and samples[-1] in _TRANSPARENCY


def _last(data: Any, series: tifffile.TiffPageSeries) -> Any:
    """Return the last channel."""
    return np.take(data, -1, axis=series.axes.index("S"))


def _opaque(data: Any, series: tifffile.TiffPageSeries) -> Any:
    """Leave the last channel away."""
    return data[(slice(None),) * series.axes.index("S") + (slice(-1),)]


def _meaning_in(file: tifffile.TiffFile) -> tuple[bool, tuple[str, ...]]:
    """Return whether grey values are ImageJ's signed ones, and a note on those that are not read.

    ImageJ keeps a function of the numbers in the file (0 for a straight line) and its terms.
    """
    about = file.imagej_metadata or {} if file.is_imagej else {}
    line = tuple(number_in(about.get(term)) for term in ("cf", "c0", "c1"))
    if "cf" not in about or line == (0, 0, 1):
        return False, ()
    signed = line == (0, -(2**15), 1)
    return signed, () if signed else (_CALIBRATED,)
