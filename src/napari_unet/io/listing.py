"""Which files of a folder are images, labels, or annotations of other programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from napari_unet.core.errors import UserError
from napari_unet.core.words import first_of
from napari_unet.io.numpy_file import NO_IMAGES, is_of_cellpose
from napari_unet.io.read import ANNOTATIONS, READERS, kinds
from napari_unet.io.tiff.series import continues
from napari_unet.io.zarr_folder import is_zarr_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


JPEG = (".jpg", ".jpeg")
"""How pictures end that change numbers, and so hold no labels."""
_OTHERS = (
    *(".czi", ".nd2", ".lif", ".lof", ".oib", ".oif", ".oir", ".vsi", ".ims", ".dv", ".stk"),
    *(".lsm", ".svs", ".ndpi", ".scn", ".mrxs", ".bif", ".h5", ".hdf5", ".jp2", ".bmp", ".gif"),
    ".webp",
)
"""How images end that are not read, as microscopes, scanners and other programs write them."""
_DEPTH = 3
"""How many folders deep images are looked for that are only to be told of."""


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
        raise no_images(folder, labels=True)
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


def no_images(folder: Path, *, searched: bool = False, labels: bool = False) -> UserError:
    """Return what is wrong with a folder in which there is nothing to read.

    Parameters
    ----------
    folder
        The folder.
    searched
        Whether it can be asked for that folders inside it are searched, too.
    labels
        Whether labels were looked for.
    """
    inside = folder_with_images(folder)
    what, known = ("labels", READERS | ANNOTATIONS) if labels else ("images", READERS)
    if inside is None:
        told = f"The folder {folder} has no {what} ({kinds(known)})."
        foreign = "" if labels else "Save images of other kinds as OME-TIFF in Fiji."
        kept = _left_out(filter(is_of_cellpose, sorted(folder.iterdir())), NO_IMAGES)
        return UserError(" ".join(filter(None, [told, *kept, foreign])))
    told = f"The folder {folder} has no {what} itself, but folders inside it have: give one of them"
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
    files = sorted(file for folder in folders for file in _files_in(folder, recursive))
    unread = "this kind of file cannot be read. Save it as OME-TIFF in Fiji."
    return [
        *_left_out(filter(is_of_cellpose, files), NO_IMAGES),
        *_left_out((file for file in files if file.suffix.lower() in _OTHERS), unread),
    ]


def _left_out(files: Iterable[Path], why: str) -> list[str]:
    names = [file.name for file in files]
    return [f"{first_of(names)} left out: {why}"] if names else []


def _files_in(folder: Path, recursive: bool) -> Iterator[Path]:
    for path in (each for each in folder.iterdir() if not each.name.startswith(".")):
        if not path.is_dir():
            yield path
        elif recursive and not path.is_symlink() and not is_zarr_folder(path):
            yield from _files_in(path, recursive)


def _images_in(folder: Path) -> list[Path]:
    paths = (path for path in folder.iterdir() if not path.name.startswith("."))
    whole = (path for path in paths if _is_file_of_image(path) or is_zarr_folder(path))
    return sorted(path for path in whole if continues(path) is None)


def _is_file_of_image(path: Path) -> bool:
    return path.suffix.lower() in READERS and path.is_file() and not is_of_cellpose(path)
