"""Images from files; the place where a format is added."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from napari_unet.core.errors import UserError
from napari_unet.io.picture import Picture, check_colours
from napari_unet.io.series import continues, left_out
from napari_unet.io.tiff import LARGE, read_tiff
from napari_unet.io.zarr_folder import is_zarr, is_zarr_name, zarr_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

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
    OverflowError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    Image.DecompressionBombError,
)

JPEG = (".jpg", ".jpeg")
"""How pictures end that change numbers, and so hold no labels."""
_CELLPOSE = "_seg.npy"
_DEPTH = 3
"""How many folders deep images are looked for that are only to be told of."""
_NO_IMAGES = (
    "annotations of Cellpose are labels, not images. To learn from them, give them as labels."
)
_SAVE_NUMBERS = (
    "it holds Python objects and is not opened, as such files can hold programs. Save the numbers "
    "alone, as an array."
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
    readers = READERS | ANNOTATIONS | {".png": _read_numbers, ".npy": _read_npy_labels}
    if path.parent.suffix.lower() == ".json" and path.parent.is_file():
        readers = dict.fromkeys([path.suffix.lower()], _read_json)
    return _read(path, readers)


def _read(path: Path, readers: Mapping[str, Callable[[Path], Picture]]) -> Picture:
    if is_zarr_folder(path):
        from napari_unet.io.ome_zarr import read_zarr  # noqa: PLC0415 - loads zarr's whole world

        return replace(read_zarr(path), file=path)
    if not path.is_file() and not path.parent.is_file():
        raise UserError(f"There is no file {path}.")
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UserError(f"{path.name} is of an unknown kind; use one of {', '.join(readers)}.")
    try:
        return replace(reader(path), file=path)
    except UserError:
        raise
    except _UNREADABLE as error:
        reason = str(error).partition("\n")[0].replace(str(path), path.name)
        raise UserError(f"{path.name} cannot be read; is it damaged? ({reason})") from error


def label_files(folder: Path) -> list[Path]:
    """List the label images of a folder; where there are none, annotations of other programs.

    Raises
    ------
    UserError
        If there is no such folder, or neither in it.
    """
    if not folder.exists():
        raise UserError(f"There is no file or folder {folder}.")
    images = _images_in(folder)
    labels = any(file.suffix.lower() not in JPEG for file in images)
    files = images if labels else annotation_files(folder) or images
    if not files:
        raise no_images(folder)
    return files


def annotation_files(folder: Path) -> list[Path]:
    """List what holds objects in a folder as other programs keep them, as `annotations_in` does."""
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    files = (path for path in paths if is_of_cellpose(path) or is_annotation(path))
    return [each for file in files for each in annotations_in(file)]


def annotations_in(path: Path) -> list[Path]:
    """Return a file; of annotations of several images, each image as a name behind the file."""
    images = annotated_images(path)
    return images if len(images) > 1 else [path]


def annotated_images(path: Path) -> list[Path]:
    """Return the images that a file says it annotates, each as a name behind the file."""
    if path.suffix.lower() != ".json":
        return []
    from napari_unet.io.foreign.json_files import images_in_json  # noqa: PLC0415

    return images_in_json(path)


def is_drawn(path: Path) -> bool:
    """Tell whether labels are drawn from `ANNOTATIONS`, one of `annotations_in` or not."""
    return path.suffix.lower() in ANNOTATIONS or path.parent.is_file()


def is_annotation(path: Path) -> bool:
    """Tell whether a file holds objects as one of `ANNOTATIONS`, and is no other JSON or zip."""
    kind = path.suffix.lower()
    if kind not in ANNOTATIONS or not path.is_file():
        return False
    if kind == ".zip":
        from napari_unet.io.foreign.roi_zip import holds_rois  # noqa: PLC0415

        return holds_rois(path)
    if kind == ".json":
        from napari_unet.io.foreign.json_files import is_known  # noqa: PLC0415

        return is_known(path)
    return True


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
            raise no_images(path)
        found += inside
    return found


def no_images(folder: Path, *, searched: bool = False) -> UserError:
    """Return what is wrong with a folder in which there is nothing to read.

    Parameters
    ----------
    folder
        The folder.
    searched
        Whether it can be asked for that folders inside it are searched, too.
    """
    inside = folder_with_images(folder)
    if inside is None:
        kinds = ", ".join(READERS)
        return UserError(
            " ".join([f"The folder {folder} has no images ({kinds}).", *passed_over([folder])])
        )
    told = f"The folder {folder} has no images itself, but folders inside it have: give one of them"
    if searched:
        return UserError(
            f"{told}, such as {inside}, or have all of them searched.", about="recursive"
        )
    return UserError(f"{told}, such as {inside}.")


def folder_with_images(folder: Path, but: Path | None = None, depth: int = _DEPTH) -> Path | None:
    """Return the first folder inside a folder that has images.

    Parameters
    ----------
    folder
        The folder.
    but
        A folder that is passed over.
    depth
        How many steps down are looked at.
    """
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") or path.is_symlink()
        if hidden or not path.is_dir() or is_zarr_folder(path) or not os.access(path, os.R_OK):
            continue
        if is_job(path):
            continue
        if but is not None and path.resolve() == but.resolve():
            continue
        found = path if _images_in(path) else depth > 1 and folder_with_images(path, but, depth - 1)
        if found:
            return found
    return None


def is_job(folder: Path) -> bool:
    """Tell whether a folder holds the work on a large image that has not come to its end."""
    return folder.name.endswith("_job") and any(
        (folder / part).exists() for part in ("job.json", "scratch")
    )


def passed_over(paths: Iterable[str | Path], *, recursive: bool = False) -> list[str]:
    """Return a sentence for what looks like images in folders, and is not taken for one.

    Parameters
    ----------
    paths
        Files, of which nothing is said, and folders.
    recursive
        Whether to look in folders inside the folders, too.
    """
    folders = (path for path in map(Path, paths) if path.is_dir() and not is_zarr_folder(path))
    kept = sorted(file for folder in folders for file in _of_cellpose_in(folder, recursive))
    if not kept:
        return []
    more = f" and {len(kept) - 1} more" if len(kept) > 1 else ""
    return [f"{kept[0].name}{more} left out: {_NO_IMAGES}"]


def _of_cellpose_in(folder: Path, recursive: bool) -> Iterator[Path]:
    for path in folder.iterdir():
        if is_of_cellpose(path):
            yield path
        elif recursive and path.is_dir() and not path.is_symlink() and not is_zarr_folder(path):
            yield from _of_cellpose_in(path, recursive)


def is_of_cellpose(path: Path) -> bool:
    """Tell whether a file is an annotation of Cellpose, which holds Python objects."""
    return path.name.endswith(_CELLPOSE) and path.is_file() and _holds_objects(path)


def _images_in(folder: Path) -> list[Path]:
    paths = (path for path in folder.iterdir() if not path.name.startswith("."))
    whole = (path for path in paths if _is_file_of_image(path) or is_zarr_folder(path))
    return sorted(path for path in whole if continues(path) is None)


def _is_file_of_image(path: Path) -> bool:
    return path.suffix.lower() in READERS and path.is_file() and not is_of_cellpose(path)


def is_zarr_folder(path: Path) -> bool:
    """Return whether a path is a folder to be read as an image: one in zarr, or called so."""
    return path.is_dir() and (is_zarr_name(path) or is_zarr(path))


def image_name(path: Path) -> str:
    """Return what an image's results are called: its file's name without the ending."""
    return zarr_name(path) if is_zarr_folder(path) else path.stem


def _read_npy(path: Path) -> Picture:
    if _holds_objects(path):
        told = _NO_IMAGES if path.name.endswith(_CELLPOSE) else _SAVE_NUMBERS
        raise UserError(f"{path.name}: {told}")
    large = path.stat().st_size > LARGE
    data = np.load(path, mmap_mode="r" if large else None, allow_pickle=False)
    return Picture(data, name=path.stem)


def _read_npy_labels(path: Path) -> Picture:
    if is_of_cellpose(path):
        from napari_unet.io.foreign.cellpose import read_cellpose  # noqa: PLC0415

        return read_cellpose(path)
    return _read_npy(path)


def _read_rois(path: Path) -> Picture:
    from napari_unet.io.foreign.roi_zip import read_rois  # noqa: PLC0415 - takes a moment

    return read_rois(path)


def _read_json(path: Path) -> Picture:
    from napari_unet.io.foreign.json_files import read_json  # noqa: PLC0415

    return read_json(path)


def _holds_objects(path: Path) -> bool:
    """Tell whether a numpy file holds Python objects, from its head alone."""
    try:
        with path.open("rb") as file:
            if np.lib.format.read_magic(file) != (1, 0):
                return False
            return bool(np.lib.format.read_array_header_1_0(file)[2].hasobject)
    except (OSError, ValueError):
        return False


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
    ".npy": _read_npy,
}
ANNOTATIONS: dict[str, Callable[[Path], Picture]] = {
    ".zip": _read_rois,
    ".roi": _read_rois,
    ".json": _read_json,
    ".geojson": _read_json,
}
"""What reads objects as other programs keep them, as labels."""
