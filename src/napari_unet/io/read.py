"""Images from files; the place where a format is added."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from napari_unet.core.errors import UserError, in_brackets
from napari_unet.io.numpy_file import read_npy, read_npy_labels
from napari_unet.io.picture import Picture, check_colours
from napari_unet.io.tiff.read import read_tiff
from napari_unet.io.tiff.series import left_out
from napari_unet.io.zarr_folder import is_zarr_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray
    from PIL.ImageFile import ImageFile


_UNREADABLE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    RuntimeError,
    EOFError,
    SyntaxError,
    ArithmeticError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
    Image.DecompressionBombError,
)
_ZIPPED = (".zarr.zip", ".ozx")


def read_image(path: str | Path) -> Picture:
    """Read an image.

    Parameters
    ----------
    path
        A TIFF (axes and pixel size are taken from OME and ImageJ metadata), PNG, JPEG or
        numpy file, or an OME-Zarr folder. What is larger than `LARGE` stays in the file, and is
        read part by part.

    Returns
    -------
    The picture; what is brighter has the higher number, also where the file has it the other way
    round. ImageJ's signed 16 bits have the grey values that Fiji shows.

    Raises
    ------
    UserError
        If there is no such file, its kind is unknown, or it is damaged.
    """
    return _read(Path(path), READERS).as_meant()


def read_label_image(path: str | Path) -> Picture:
    """Read labels: like an image, but every number stays as it stands in the file.

    Fiji shows masks black on white, and says so in the file; 0 is no object all the same. Of a
    palette, the numbers are read and not the colours. Outlines and masks of other programs are
    drawn: ROIs of Fiji, COCO, LabelMe, GeoJSON of QuPath, and the masks of Cellpose.

    Parameters
    ----------
    path
        As for `read_image`, one of `ANNOTATIONS`, or of `annotations_in` one.

    Raises
    ------
    UserError
        If there is no such file, its kind is unknown, or it is damaged.
    """
    path = Path(path)
    readers = READERS | ANNOTATIONS | {".png": _read_numbers, ".npy": read_npy_labels}
    if path.parent.suffix.lower() == ".json" and path.parent.is_file():
        readers = dict.fromkeys([path.suffix.lower()], _read_json)
    return _read(path, readers)


def _read(path: Path, readers: Mapping[str, Callable[[Path], Picture]]) -> Picture:
    if is_zarr_folder(path):
        from napari_unet.io.ome_zarr import read_zarr  # noqa: PLC0415 - loads zarr's whole world

        return replace(read_zarr(path), file=path)
    if not path.is_file() and not path.parent.is_file():
        raise UserError(f"There is no file {path}.")
    if path.name.lower().endswith(_ZIPPED):
        raise UserError(
            f"{path.name} is a zarr folder in a zip file: unzip it, and give the folder."
        )
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UserError(
            f"{path.name} is of a kind that cannot be read: save it as OME-TIFF in Fiji, or use "
            f"one of {kinds(readers)}."
        )
    try:
        return replace(reader(path), file=path)
    except UserError:
        raise
    except _UNREADABLE as error:
        reason = in_brackets(error).replace(str(path), path.name)
        raise UserError(f"{path.name} cannot be read; is it damaged?{reason}") from error


def kinds(readers: Iterable[str]) -> str:
    """Return the endings of what can be read, in words."""
    return f"{', '.join(readers)} or OME-Zarr"


def _read_rois(path: Path) -> Picture:
    from napari_unet.io.foreign.roi_zip import read_rois  # noqa: PLC0415 - takes a moment

    return read_rois(path)


def _read_json(path: Path) -> Picture:
    from napari_unet.io.foreign.json_files import read_json  # noqa: PLC0415

    return read_json(path)


def _read_pixels(path: Path) -> Picture:
    with Image.open(path) as image:
        check_colours(path.name, image.mode if image.mode in ("CMYK", "LAB") else None)
        data = np.asarray(image.convert("RGB")) if image.mode == "P" else _values(path, image)
        notes = left_out(getattr(image, "n_frames", 1))
    return replace(_picture(path, data), notes=notes)


def _read_numbers(path: Path) -> Picture:
    with Image.open(path) as image:
        return _picture(path, _values(path, image))


def _values(path: Path, image: ImageFile) -> NDArray[Any]:
    """Return the pixels of an opened file; of colours of 16 bits Pillow would drop 8."""
    if image.mode in ("RGB", "RGBA") and any(str(tile[3]).endswith("16B") for tile in image.tile):
        from imagecodecs import png_decode  # noqa: PLC0415 - few files need it

        return np.asarray(png_decode(path.read_bytes()))
    return np.asarray(image)


def _picture(path: Path, data: NDArray[Any]) -> Picture:
    if data.ndim == 2:
        return Picture(data, "YX", name=path.stem)
    colours = {2: 1, 4: 3}.get(data.shape[-1], data.shape[-1])
    if colours == 1:
        return Picture(data[..., 0], "YX", name=path.stem)
    return Picture(data[..., :colours], "YXC", name=path.stem)


READERS: dict[str, Callable[[Path], Picture]] = {
    ".tif": read_tiff,
    ".tiff": read_tiff,
    ".png": _read_pixels,
    ".jpg": _read_pixels,
    ".jpeg": _read_pixels,
    ".npy": read_npy,
}
ANNOTATIONS: dict[str, Callable[[Path], Picture]] = {
    ".zip": _read_rois,
    ".roi": _read_rois,
    ".json": _read_json,
    ".geojson": _read_json,
}
"""What reads objects as other programs keep them, as labels."""
