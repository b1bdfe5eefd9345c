"""OME-Zarr: images of any size read piece by piece, and label pyramids to write piece by piece.

Images of versions 0.4 and 0.5 are read, and bare zarr arrays. Labels are written as version 0.4,
which Fiji, QuPath and napari all open.
"""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zarr
from numcodecs import Blosc
from pydantic import ValidationError
from yaozarrs import v04, v05

from napari_unet.core.errors import UserError, in_brackets
from napari_unet.core.image.axes import LETTERS, SPATIAL
from napari_unet.core.image.channels import channels_of_omero
from napari_unet.core.image.spacing import Listed, Spacing
from napari_unet.core.image.units import micrometres, seconds
from napari_unet.core.provenance.record import KEY, Provenance
from napari_unet.io.picture import Picture
from napari_unet.io.tiff.series import left_out
from napari_unet.io.zarr_folder import is_unfinished, is_zarr, zarr_name

if TYPE_CHECKING:
    from collections.abc import Mapping


UNITS = {"T": "second", "Z": "micrometer", "Y": "micrometer", "X": "micrometer"}
"""In what scales are written, by axis letter."""
_MANY = {
    "plate": "a plate of many images",
    "well": "a well of several images",
    "bioformats2raw.layout": "several images",
    "labels": "several label images",
}
_DEPTH = 3
"""How many folders down the images of a plate lie: in rows, columns and fields."""


def read_zarr(path: str | Path, *, unfinished: bool = False) -> Picture:
    """Open an OME-Zarr image or a bare zarr array, without reading its pixels.

    Of what bioformats2raw has made of a file with one image, that image is taken.

    Parameters
    ----------
    path
        The folder.
    unfinished
        Whether labels may be opened of which some are still to be written, to see them fill.

    Raises
    ------
    UserError
        If it is no zarr folder, holds something other than one image, is damaged, or not finished.
    """
    path = Path(path)
    if not is_zarr(path):
        raise UserError(f"{path} is no zarr folder: give the folder that holds the image.")
    if is_unfinished(path) and not unfinished:
        raise UserError(f"{path.name} is not finished: run segment again to complete it.")
    try:
        opened = zarr.open(str(path), mode="r")
        if isinstance(opened, zarr.Array):
            return Picture(opened, _named_axes(opened), name=zarr_name(path), levels=(opened,))
        return _picture(path, opened)
    except (OSError, ValueError, LookupError, TypeError) as error:
        if isinstance(error, UserError):
            raise
        reason = in_brackets(error)
        raise UserError(f"{path.name} cannot be read; is it damaged?{reason}") from error


def _named_axes(array: Any) -> str | None:
    names = "".join(name or "?" for name in getattr(array.metadata, "dimension_names", None) or ())
    letters = names.upper()
    known = len(letters) == array.ndim == len(set(letters)) and set(letters) <= set(LETTERS)
    return letters if known and letters else None


def _picture(path: Path, group: zarr.Group) -> Picture:
    attributes: dict[str, Any] = group.attrs.asdict()
    about = attributes.get("ome", attributes)
    series = _only_series(group, about)
    if series is not None:
        return _picture(path, series)
    multiscale = _multiscale(path, attributes)
    levels: tuple[Any, ...] = tuple(group[dataset.path] for dataset in multiscale.datasets)
    if not all(isinstance(level, zarr.Array) for level in levels):
        raise UserError(f"{path.name} has no pixels where its description says: write it again.")
    axes = "".join(_letter(axis) for axis in multiscale.axes)
    if len(axes) != levels[0].ndim:
        raise UserError(
            f"{path.name} contradicts itself: it names {len(axes)} axes, but its image has "
            f"{levels[0].ndim}; write it again."
        )
    known = len(set(axes)) == len(axes) and set(axes) <= set(LETTERS)
    size, origin = _places(multiscale, axes) if known else (Spacing(), Spacing())
    step = size.sizes.get("T")
    size, doubts = size.of_space().believed()
    spacing = size.of(axes)
    partial = size if size.of(SPATIAL[2]) else Spacing()
    return Picture(
        levels[0],
        axes if known else None,
        spacing,
        "µm" if spacing or partial else "px",
        zarr_name(path).replace(".ome", ""),
        levels,
        origin.of(axes) if spacing else None,
        "image-label" in about,
        partial=partial,
        notes=left_out(len(about["multiscales"])) + doubts,
        channels=channels_of_omero(about["omero"]) if isinstance(about.get("omero"), dict) else (),
        step=step,
    )


def _only_series(group: zarr.Group, about: Mapping[str, Any]) -> zarr.Group | None:
    """Return the image in a group that is none itself, but the place of this one."""
    several = "bioformats2raw.layout" in about and not {"multiscales", "plate"} & set(about)
    first = group.get("0") if several and "1" not in group else None
    return first if isinstance(first, zarr.Group) else None


def _multiscale(path: Path, attributes: Mapping[str, Any]) -> v04.Multiscale | v05.Multiscale:
    about = attributes.get("ome", attributes)
    if "multiscales" not in about:
        kind = next((what for key, what in _MANY.items() if key in about), None)
        told = f"holds {kind}" if kind else "is a zarr group without an image"
        inside = _image_inside(path)
        such = f", such as {path.name}/{inside.relative_to(path).as_posix()}" if inside else ""
        raise UserError(f"{path.name} {told}: give the folder of one image inside it{such}.")
    model = v05.Image if "ome" in attributes else v04.Image
    described = {key: part for key, part in about.items() if key != "omero"}  # only how it looks
    try:
        with warnings.catch_warnings(action="ignore"):
            return model.model_validate(described).multiscales[0]
    except ValidationError as error:
        place = " ".join(map(str, error.errors()[0]["loc"]))
        raise UserError(
            f"{path.name} is not described as OME-Zarr 0.4 or 0.5 wants it ({place}): "
            "write it again with another program."
        ) from error


def _image_inside(path: Path, depth: int = _DEPTH) -> Path | None:
    """Return the first image in a zarr folder of several, so many folders down at the most."""
    for each in sorted(each for each in path.iterdir() if is_zarr(each)):
        opened = zarr.open(str(each), mode="r")
        if not isinstance(opened, zarr.Group):
            continue
        attributes: dict[str, Any] = opened.attrs.asdict()
        if "multiscales" in attributes.get("ome", attributes):
            return each
        if depth > 1 and (deeper := _image_inside(each, depth - 1)):
            return deeper
    return None


def _letter(axis: Any) -> str:
    kinds = {"time": "T", "channel": "C"}
    return kinds.get(axis.type or "", axis.name.upper() if len(axis.name) == 1 else "?")


def _places(multiscale: Any, axes: str) -> tuple[Spacing, Spacing]:
    """Return spacing and origin along Z, Y and X in µm and T in seconds, where they are known."""
    size, start = [1.0] * len(axes), [0.0] * len(axes)
    whole = multiscale.coordinateTransformations or []
    for step in [*multiscale.datasets[0].coordinateTransformations, *whole]:
        factor = getattr(step, "scale", [1.0] * len(axes))
        shift = getattr(step, "translation", [0.0] * len(axes))
        size = [value * by for value, by in zip(size, factor, strict=True)]
        start = [value * by + add for value, by, add in zip(start, factor, shift, strict=True)]
    units = {
        axis: (seconds if letter == "T" else micrometres)(str(multiscale.axes[axis].unit)) or 0
        for axis, letter in enumerate(axes)
        if letter != "C"
    }
    known = {axis: unit for axis, unit in units.items() if 0 < size[axis] * unit < math.inf}
    spacing, origin = (
        Spacing({axes[axis]: values[axis] * unit for axis, unit in known.items()})
        for values in (size, start)
    )
    return spacing, origin


@dataclass(frozen=True)
class LabelPyramid:
    """What a label image on disk is like, so that it can be made before there are labels.

    Each level has every second row and column of the level before, and chunks half as large: a
    block of the image that begins at a multiple of ``2 ** (levels - 1)`` and covers whole chunks
    covers whole chunks of every level.

    Parameters
    ----------
    shape
        Of the finest level.
    axes
        One letter of T, Z, Y, X per axis.
    chunks
        Of the finest level.
    levels
        How many levels there are, the finest included.
    spacing, origin
        Along the Z, Y and X axes, in µm; None for unknown, of all or of one. A `Spacing` may also
        hold the seconds from frame to frame.
    """

    shape: tuple[int, ...]
    axes: str
    chunks: tuple[int, ...]
    levels: int = 1
    spacing: Listed | Spacing | None = None
    origin: tuple[float, ...] | None = None

    def factors(self, level: int) -> tuple[int, ...]:
        """Return by how much a level is coarser along each axis."""
        return tuple(2**level if letter in SPATIAL[2] else 1 for letter in self.axes)

    def create(
        self, path: Path, dtype: str, name: str, made: Provenance | None = None
    ) -> list[Any]:
        """Make an OME-Zarr label image of zeros; what is at this path is replaced.

        Parameters
        ----------
        path
            The folder to make.
        dtype
            Kind of the labels, such as ``"uint32"``.
        name
            What programs show.
        made
            With what the labels are made, which the folder then says; None for nothing.

        Returns
        -------
        The arrays to write to, the finest first.
        """
        group = zarr.create_group(str(path), zarr_format=2, overwrite=True)
        arrays = []
        for level in range(self.levels):
            factors = self.factors(level)
            arrays.append(
                group.create_array(
                    str(level),
                    shape=[-(-size // by) for size, by in zip(self.shape, factors, strict=True)],
                    chunks=tuple(
                        max(1, size // by) for size, by in zip(self.chunks, factors, strict=True)
                    ),
                    dtype=dtype,
                    fill_value=0,
                    compressors=Blosc("zstd", 5, Blosc.SHUFFLE),
                    chunk_key_encoding={"name": "v2", "separator": "/"},
                )
            )
        multiscale = {"name": name, "axes": self._axes(), "datasets": self._datasets()}
        about = v04.LabelImage.model_validate(
            {"multiscales": [multiscale], "image-label": v04.ImageLabel()}
        )
        group.attrs.update(about.model_dump(mode="json", by_alias=True, exclude_none=True))
        if made is not None:
            group.attrs[KEY] = json.loads(made.to_json())
        return arrays

    def _axes(self) -> list[dict[str, str]]:
        known = Spacing.along(self.axes, self.spacing).sizes
        return [
            {
                "name": letter.lower(),
                "type": "time" if letter == "T" else "space",
                **({"unit": UNITS[letter]} if letter in known else {}),
            }
            for letter in self.axes
        ]

    def _datasets(self) -> list[dict[str, Any]]:
        size = Spacing.along(self.axes, self.spacing).filled(self.axes, 1.0)
        start = list(Spacing.along(self.axes, self.origin).filled(self.axes, 0.0))
        return [
            {
                "path": str(level),
                "coordinateTransformations": [
                    {
                        "type": "scale",
                        "scale": [a * b for a, b in zip(size, self.factors(level), strict=True)],
                    },
                    {"type": "translation", "translation": start},
                ],
            }
            for level in range(self.levels)
        ]
