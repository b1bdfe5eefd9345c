"""TIFF with its axes and pixel size, as Fiji and OME write them and read them."""

from __future__ import annotations

import math
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import LETTERS, SPATIAL, STACK, usual_order
from napari_unet.core.image.channels import RGB, Channel, channels_of_imagej, channels_of_ome
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.image.units import micrometres, pixels, seconds
from napari_unet.core.instances.labels import as_labels, check_labels
from napari_unet.io.picture import Picture, check_colours
from napari_unet.io.series import images_in, left_out, missing_planes, pixels_of_ome
from napari_unet.storage.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from numpy.typing import NDArray

    from napari_unet.core.provenance.record import Provenance

    Length = Callable[[str], float | None]


_FIJI_TYPES = ("uint8", "uint16", "float32")
_CLASSIC_TIFF = 2**32 - 2**25
_FOR_PRINTING: dict[int | None, str] = {
    tifffile.PHOTOMETRIC.SEPARATED: "CMYK",
    tifffile.PHOTOMETRIC.CIELAB: "Lab",
    tifffile.PHOTOMETRIC.ICCLAB: "Lab",
    tifffile.PHOTOMETRIC.ITULAB: "Lab",
}
_TRANSPARENCY = (tifffile.EXTRASAMPLE.ASSOCALPHA, tifffile.EXTRASAMPLE.UNASSALPHA)
_INCH, _CENTIMETRE = 25_400.0, 10_000.0
_DENSEST_PRINT = 1200
"""Up to so many pixels per inch, a whole number says how a picture is printed."""
_LEFT_AWAY = (
    "The file says that its last channel is how transparent the colours are, and it is left away: "
    "if it is a channel like the others, save it without transparency."
)
_CALIBRATED = (
    "The file has a calibration of its grey values, which is not read: they are the numbers in the "
    "file, and not what Fiji shows."
)
LARGE = 2**30
"""Bytes of pixels beyond which an image stays in its file, and is read part by part."""
ENDINGS = (".tif", ".tiff")
"""How the names of TIFF files end."""
TAG = 65300
"""The private tag that says what an image was made with; other programs pass over it."""


def read_tiff(path: Path) -> Picture:
    """Read the first image of a TIFF file, of a small pyramid its finest level.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    The picture; its axes are None if the file's letters are not all known. Sizes of pixels are
    known that ImageJ or OME metadata give, in units of length, and that a microscope can have.
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
        stated = Spacing.along(axes, _sizes_in(file, ome)) if known else Spacing()
        sizes, doubts = stated.believed()
        step = _step_in(file, ome) if known else None
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
        axes if known else None,
        spacing,
        "µm" if spacing or partial else "px",
        path.stem,
        levels,
        negative=series.keyframe.photometric == tifffile.PHOTOMETRIC.MINISWHITE,
        signed=signed and data.dtype == np.uint16,
        partial=partial,
        notes=left_out(1 + len(others)) + missing + meaning + doubts + notes,
        channels=channels,
        step=step,
    )


def _channels_in(
    file: tifffile.TiffFile, series: tifffile.TiffPageSeries, ome: Element
) -> tuple[Channel, ...]:
    if series.keyframe.photometric == tifffile.PHOTOMETRIC.RGB:
        return RGB
    if file.is_ome:
        return channels_of_ome(ome)
    return channels_of_imagej((file.imagej_metadata or {}).get("LUTs", ()))


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


def write_labels(
    path: str | Path,
    labels: NDArray[np.integer],
    axes: str | None = None,
    spacing: Sequence[float | None] | Spacing | None = None,
    unit: str = "px",
    made: Provenance | None = None,
) -> None:
    """Write labels as a compressed TIFF with the smallest unsigned integers that hold them.

    Up to 65,535 objects Fiji's own format is used. It has no larger integers, so more
    objects are written as OME-TIFF with 32 bits, which Fiji opens, too.

    Parameters
    ----------
    path
        The file to write; it is there whole or not at all.
    labels
        Instances or classes, non-negative integers or a mask, 2 to 4 axes; decimal numbers that
        are all whole are written as integers.
    axes
        One letter of T, Z, Y, X per axis; None for the last ones of TZYX.
    spacing
        Size of a pixel along the Z, Y and X axes, in `unit`; None for unknown, of all or of one.
        By letter, as a `Spacing`, it may also hold the seconds from frame to frame.
    unit
        Unit of the spacing.
    made
        With what it was made, which the file then says; None for nothing.

    Raises
    ------
    UserError
        For labels that are no whole numbers of at least 0 or no pixels, sizes of a pixel that are
        not above 0, and if the file cannot be written, has
        more axes than TIFF can say, or is not called ``.tif`` or ``.tiff``.
    """
    if Path(path).suffix.lower() not in ENDINGS:
        raise UserError(
            f"{Path(path).name} would be a TIFF that is not called one: labels are written to "
            f"files that end in {' or '.join(ENDINGS)}."
        )
    labels = as_labels(labels)
    if labels.ndim < 2 or not labels.size:
        raise UserError(
            f"A label image has 2 to 4 axes and at least one pixel, not the shape {labels.shape}."
        )
    if labels.dtype != bool:
        check_labels(labels)
    sizes = Spacing.along(axes or STACK[-labels.ndim :], spacing).sizes
    if not all(0 < size < math.inf for size in sizes.values()):
        told = ", ".join(f"{size:g}" for size in sizes.values())
        raise UserError(f"A pixel cannot be {told} {unit} large: give numbers above 0.")
    write_tiff(
        Path(path), labels.astype(smallest_type(labels), copy=False), axes, spacing, unit, made
    )


def smallest_type(labels: NDArray[np.integer]) -> np.dtype[Any]:
    """Return the smallest unsigned integers that hold some labels.

    Raises
    ------
    UserError
        If a number is higher than 32 bits hold.
    """
    highest = int(labels.max(initial=0))
    for kind in (np.uint8, np.uint16, np.uint32):
        if highest <= np.iinfo(kind).max:
            return np.dtype(kind)
    raise UserError(
        f"Files hold numbers up to {np.iinfo(np.uint32).max:,}, and there is an object "
        f"{highest:,}: number the objects from 1 on."
    )


def write_tiff(
    path: Path,
    data: NDArray[Any],
    axes: str | None = None,
    spacing: Sequence[float | None] | Spacing | None = None,
    unit: str = "px",
    made: Provenance | None = None,
) -> None:
    """Write whole or decimal numbers as a compressed TIFF.

    Parameters
    ----------
    path
        The file to write; it is there whole or not at all.
    data
        Any real dtype, 2 to 5 axes; what Fiji does not know is written as OME-TIFF. Axes of
        length 1 but Y and X are not told by a TIFF: the file is read without them.
    axes, spacing, unit, made
        As for `write_labels`.

    Raises
    ------
    UserError
        If the file cannot be written or has more axes than TIFF can say.
    """
    axes = axes or STACK[-data.ndim :]
    if len(axes) != data.ndim or len(set(axes)) < len(axes) or not set(axes) <= set(LETTERS):
        raise UserError(
            f"A TIFF holds the axes T, Z, C, Y and X, not {axes} for {data.ndim} axes; "
            "write fewer axes at a time."
        )
    sizes = Spacing.along(axes, spacing).sizes
    order = usual_order(axes)
    ordered = np.ascontiguousarray(data.transpose(order))
    letters = "".join(axes[index] for index in order)
    # in Fiji's format, a stack of images one pixel wide reads as another stack, or not at all
    wide = ordered.shape[-1] > 1
    fiji = wide and data.dtype.name in _FIJI_TYPES and data.nbytes < _CLASSIC_TIFF
    describe = _for_fiji if fiji else _for_ome
    with replacing(path) as temporary:
        tifffile.imwrite(
            temporary,
            ordered,
            compression="zlib",
            photometric="minisblack",
            extratags=[] if made is None else [(TAG, "s", 0, made.to_json(), True)],
            **describe(letters, sizes, unit),
        )


def _for_fiji(axes: str, sizes: Mapping[str, float], unit: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"axes": axes}
    if "T" in sizes:
        metadata["finterval"] = sizes["T"]
    if not {"X", "Y"} <= set(sizes):
        return {"imagej": True, "metadata": metadata}
    metadata["unit"] = {"µm": "um", "px": "pixel"}.get(unit, unit)
    if "Z" in sizes:
        metadata["spacing"] = sizes["Z"]
    elif "Z" in axes:
        metadata["zunit"] = "pixel"
    return {"imagej": True, "metadata": metadata, "resolution": (1 / sizes["X"], 1 / sizes["Y"])}


def _for_ome(axes: str, sizes: Mapping[str, float], unit: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"axes": axes}
    for axis, size in sizes.items():
        name, of = ("TimeIncrement", "s") if axis == "T" else (f"PhysicalSize{axis}", unit)
        metadata[name] = size
        metadata[f"{name}Unit"] = {"px": "pixel"}.get(of, of)
    return {"ome": True, "bigtiff": True, "metadata": metadata}


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
    return _sizes_in(file, pixels_of_ome(file), length)


def _sizes_in(file: tifffile.TiffFile, ome: Element, length: Length = micrometres) -> Spacing:
    stated: dict[str, float] = {}
    if file.is_ome:
        stated = _sizes_of_ome(ome.attrib, length)
    elif file.is_imagej and file.imagej_metadata:
        stated = _sizes_of_imagej(file, length)
    return Spacing({letter: size for letter, size in stated.items() if 0 < size < math.inf})


def _step_in(file: tifffile.TiffFile, ome: Element) -> float | None:
    """Return the seconds from one frame to the next; None where the file does not say."""
    step = math.nan
    if file.is_ome:
        unit = seconds(ome.get("TimeIncrementUnit", "s"))
        step = _number(ome.get("TimeIncrement")) * (unit or math.nan)
    elif file.is_imagej and file.imagej_metadata:
        unit = seconds(str(file.imagej_metadata.get("tunit", "s")))
        step = _number(file.imagej_metadata.get("finterval")) * (unit or math.nan)
    return step if 0 < step < math.inf else None


def _meaning_in(file: tifffile.TiffFile) -> tuple[bool, tuple[str, ...]]:
    """Return whether grey values are ImageJ's signed ones, and a note on those that are not read.

    ImageJ keeps a function of the numbers in the file (0 for a straight line) and its terms.
    """
    about = file.imagej_metadata or {} if file.is_imagej else {}
    line = tuple(_number(about.get(term)) for term in ("cf", "c0", "c1"))
    if "cf" not in about or line == (0, 0, 1):
        return False, ()
    signed = line == (0, -(2**15), 1)
    return signed, () if signed else (_CALIBRATED,)


def _sizes_of_imagej(file: tifffile.TiffFile, length: Length) -> dict[str, float]:
    about = file.imagej_metadata or {}
    tags = file.pages.first.tags
    if "XResolution" not in tags or "YResolution" not in tags:
        return {}
    counts = {"Z": _number(about.get("spacing", 1.0))}
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
            sizes[axis] = scale * _number(about[f"PhysicalSize{axis}"])
    return sizes


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
