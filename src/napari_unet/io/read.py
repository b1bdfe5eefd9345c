"""Images from files; the place where a format is added."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from napari_unet.core.errors import UserError
from napari_unet.io.picture import Picture, check_colours
from napari_unet.io.tiff import LARGE, read_tiff
from napari_unet.io.zarr_folder import is_zarr, is_zarr_name, zarr_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


_UNREADABLE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    RuntimeError,
    EOFError,
    SyntaxError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


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
    round.

    Raises
    ------
    UserError
        If there is no such file, its kind is unknown, or it is damaged.
    """
    return read_label_image(path).positive()


def read_label_image(path: str | Path) -> Picture:
    """Read labels: like an image, but every number stays as it stands in the file.

    Fiji shows masks black on white, and says so in the file; 0 is no object all the same.

    Parameters
    ----------
    path
        As for `read_image`.

    Raises
    ------
    UserError
        If there is no such file, its kind is unknown, or it is damaged.
    """
    path = Path(path)
    if is_zarr_folder(path):
        from napari_unet.io.ome_zarr import read_zarr  # noqa: PLC0415 - loads zarr's whole world

        return read_zarr(path)
    if not path.is_file():
        raise UserError(f"There is no file {path}.")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UserError(f"{path.name} is of an unknown kind; use one of {', '.join(READERS)}.")
    try:
        return reader(path)
    except _UNREADABLE as error:
        reason = str(error).partition("\n")[0].replace(str(path), path.name)
        raise UserError(f"{path.name} cannot be read; is it damaged? ({reason})") from error


def image_files(paths: Iterable[str | Path]) -> list[Path]:
    """List the images among files and in folders.

    Parameters
    ----------
    paths
        Files and OME-Zarr folders, taken as they are, and other folders, of which all images are
        taken in the order of their names, but for hidden ones.

    Raises
    ------
    UserError
        If a path does not exist or a folder has no image.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        if not path.exists():
            raise UserError(f"There is no file or folder {path}.")
        whole = path.is_file() or is_zarr_folder(path)
        inside = [path] if whole else _images_in(path)
        if not inside:
            raise UserError(f"The folder {path} has no images ({', '.join(READERS)}).")
        found += inside
    return found


def _images_in(folder: Path) -> list[Path]:
    paths = (path for path in folder.iterdir() if not path.name.startswith("."))
    return sorted(path for path in paths if _is_file_of_image(path) or is_zarr_folder(path))


def _is_file_of_image(path: Path) -> bool:
    return path.suffix.lower() in READERS and path.is_file()


def is_zarr_folder(path: Path) -> bool:
    """Return whether a path is a folder to be read as an image: one in zarr, or called so."""
    return path.is_dir() and (is_zarr_name(path) or is_zarr(path))


def image_name(path: Path) -> str:
    """Return what an image's results are called: its file's name without the ending."""
    return zarr_name(path) if is_zarr_folder(path) else path.stem


def _read_npy(path: Path) -> Picture:
    large = path.stat().st_size > LARGE
    data = np.load(path, mmap_mode="r" if large else None, allow_pickle=False)
    return Picture(data, name=path.stem)


def _read_pixels(path: Path) -> Picture:
    with Image.open(path) as image:
        check_colours(path.name, image.mode if image.mode in ("CMYK", "LAB") else None)
        data = np.asarray(image.convert("RGB") if image.mode == "P" else image)
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
    ".npy": _read_npy,
}
