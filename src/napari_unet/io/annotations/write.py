"""Annotations written as a folder of files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import usual_order
from napari_unet.io.annotations.find import held_as, readings_of, saved_name
from napari_unet.io.annotations.read import PARTS
from napari_unet.io.annotations.tables import Look, tables_of
from napari_unet.io.pairs.names import short_name
from napari_unet.io.table import write_rows
from napari_unet.io.tiff.write import write_labels, write_tiff
from napari_unet.storage.names import numbered

if TYPE_CHECKING:
    from collections.abc import Sequence


def write_annotation(
    folder: str | Path,
    annotated: AnnotatedImage,
    looks: Sequence[Look] = (),
    keep: Sequence[str] = (),
) -> str:
    """Write an image with its annotation; an earlier annotation of the same image is replaced.

    All is written before anything is removed that the earlier annotation had and this one has not.

    Parameters
    ----------
    folder
        Made if it is not there.
    annotated
        The spacing goes into the files, or the scale where there is no spacing.
    looks
        Name and colour of each class from 1 on; the names count, and not the annotation's own.
        Empty for those and the usual colours.
    keep
        What of an earlier annotation stays if this one has none, such as ``"weights"``.

    Returns
    -------
    The name of the files: the image's, as far as it can stand in a file name, and with a number
    where the files of that name are of another image.

    Raises
    ------
    UserError
        If a file cannot be written or removed.
    """
    folder, axes = Path(folder), annotated.axes.replace("C", "")
    name = _own_name(folder, annotated)
    annotation, spacing = annotated.annotation, annotated.spacing or annotated.scale
    unit = "px" if annotated.spacing is None else "µm"
    files = {part: folder / part / f"{name}{ending}" for part, ending in PARTS.items()}
    painted = (("marks", annotation.marks), ("weights", annotation.weight))
    pictures: dict[str, Any] = {part: picture for part, picture in painted if picture is not None}
    tables = tables_of(annotation, axes, looks)
    write_tiff(files["images"], annotated.image, annotated.axes, spacing, unit)
    write_labels(files["labels"], annotation.instances, axes, spacing, unit)
    for part, picture in pictures.items():
        write = write_labels if part == "marks" else write_tiff
        write(files[part], picture, axes, spacing, unit)
    for part, table in tables.items():
        write_rows(files[part], *table)
    for part in PARTS.keys() - {"images", "labels", *pictures, *tables, *keep}:
        _remove(files[part])
    return name


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"Could not remove {path}: {error.strerror or error}.") from error


def _own_name(folder: Path, annotated: AnnotatedImage) -> str:
    """Return the first name that no file has, or that the image itself has already."""
    wanted = saved_name(annotated.name)
    files = [file for part in PARTS for file in (folder / part).glob("*")]
    taken = {short_name(file.name).casefold() for file in files}
    order = usual_order(annotated.axes)
    for name in numbered(wanted):
        readings = readings_of(annotated.image, [order])
        if name.casefold() not in taken or held_as(folder, name, readings):
            break
    return name
