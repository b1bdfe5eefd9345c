"""Which of the images of a TIFF file is read, and what is said of the others."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    import tifffile

BROKEN = (OSError, ValueError, LookupError, TypeError, struct.error, ElementTree.ParseError)
"""What reading a header raises if it is damaged; a TiffFileError is a ValueError."""
ENDINGS = (".tif", ".tiff")
"""How the names of TIFF files end."""
_BESIDE = ("label", "label image", "macro", "macro image", "overview", "preview", "thumbnail")
"""What scanners call pictures that they keep beside the image."""


def images_in(file: tifffile.TiffFile) -> list[tifffile.TiffPageSeries]:
    """Return the images of a TIFF file, of which the first is read.

    Parameters
    ----------
    file
        The file.

    Returns
    -------
    At least one. Thumbnails, masks and pictures of the slide are left out, and so are images that
    lie in other files of the same set.
    """
    every = list(file.series)
    images = [each for each in every if not _is_beside(each)] or every
    return [each for each in images if each.keyframe.parent is file] or images


def pixels_of_ome(file: tifffile.TiffFile) -> ElementTree.Element:
    """Return what a file's OME metadata say of the pixels of the image that is read.

    The metadata also describe images in files that are not there, which are no series.

    Parameters
    ----------
    file
        The file.

    Returns
    -------
    The element ``Pixels``; an empty one where nothing is said, or the metadata are damaged.
    """
    nothing = ElementTree.Element("Pixels")
    if not file.is_ome:
        return nothing
    number = file.series.index(images_in(file)[0])
    try:
        root = ElementTree.fromstring(file.ome_metadata or "")
    except ElementTree.ParseError:
        return nothing
    every = root.findall(".//{*}Pixels")
    there = [image for image in every if _is_there(image, root.get("UUID"), file)]
    found = there if number < len(there) else every
    return found[number] if number < len(found) else nothing


def _is_there(image: ElementTree.Element, own: str | None, file: tifffile.TiffFile) -> bool:
    """Tell whether an image has planes in a file, whose identifier is `own`, or beside it."""
    folder = Path(file.filehandle.dirname)
    held = [each.find("{*}UUID") for each in image.iterfind("{*}TiffData")]
    return any(
        each is None or each.text == own or (folder / each.get("FileName", "")).is_file()
        for each in held
    )


def continues(path: Path) -> Path | None:
    """Return the file beside an OME-TIFF in which its image begins; None if that is itself.

    Such images lie in several files, and each of these gives all of the image.

    Parameters
    ----------
    path
        Any file; only of one with ``.ome`` in its name the header is read.
    """
    if ".ome" not in path.name.lower() or not path.is_file():
        return None
    try:
        root = _description(path)
    except BROKEN:
        return None
    if root is None:
        return None
    files = [[each.get("FileName", "") for each in image.iterfind(".//{*}UUID")] for image in root]
    firsts = [names[0] for names in files if path.name in names]
    firsts += [each.get("MetadataFile", "") for each in root.iterfind("{*}BinaryOnly")]
    first = path.parent / firsts[0] if firsts and path.name not in firsts else path
    image = first.suffix.lower() in ENDINGS and first.is_file()
    return first if image and first != path else None


def _description(path: Path) -> ElementTree.Element | None:
    import tifffile  # noqa: PLC0415 - takes a moment

    with tifffile.TiffFile(path) as file:
        text = file.pages.first.description if file.is_ome else ""
    return ElementTree.fromstring(text) if text else None


def left_out(count: int) -> tuple[str, ...]:
    """Return a sentence about the images of a file that are not read, if there are any."""
    if count < 2:
        return ()
    return (
        f"Only the first of {count} images in this file is read: save the others as files of their "
        "own to use them.",
    )


def missing_planes(series: tifffile.TiffPageSeries) -> tuple[str, ...]:
    """Return a sentence about planes of an image that no file holds, if there are any."""
    missing = sum(page is None for page in series.pages)
    if not missing:
        return ()
    return (
        f"{missing} of {len(series.pages)} planes are in no file and are read as black: put all "
        "files of this image into one folder, with the names that they had.",
    )


def _is_beside(series: tifffile.TiffPageSeries) -> bool:
    page = series.keyframe
    return page.is_reduced or page.is_mask or series.name.lower() in _BESIDE
