"""Images and labels written as TIFF, as Fiji reads them, or as OME-TIFF."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import LETTERS, STACK, usual_order
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.instances.labels import as_labels, check_labels
from napari_unet.io.tiff.series import ENDINGS
from napari_unet.storage.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from napari_unet.core.provenance.record import Provenance


_FIJI_TYPES = ("uint8", "uint16", "float32")
_CLASSIC_TIFF = 2**32 - 2**25
TAG = 65300
"""The private tag that says what an image was made with; other programs pass over it."""


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
