"""Annotations read from a folder of files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.annotation.painted_weight import check_weight
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import STACK
from napari_unet.io.annotations.tables import read_boxes, read_classes, read_looks, read_record
from napari_unet.io.listing import annotation_files
from napari_unet.io.pairs.find import find_pairs
from napari_unet.io.read import read_label_image
from napari_unet.io.tiff.sizes import read_scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_unet.io.pairs.pair import Pair


PARTS = {
    **dict.fromkeys(("images", "labels", "marks", "weights"), ".tif"),
    **dict.fromkeys(("rectangles", "classes", "class_names", "proof_read"), ".csv"),
}
"""The folders, and how the files in them end."""


def read_annotations(
    folder: str | Path, names: Sequence[str] | None = None
) -> list[AnnotatedImage]:
    """Read the annotations in a folder; `annotations_and_notes` without the notes.

    Parameters
    ----------
    folder
        As for `annotated_folders`.
    names
        The annotations to take; None for all.

    Raises
    ------
    UserError
        If there is none, or one is damaged or does not fit its image.
    """
    return annotations_and_notes(folder, names)[0]


def annotations_and_notes(
    folder: str | Path, names: Sequence[str] | None = None
) -> tuple[list[AnnotatedImage], list[str]]:
    """Read the annotations in a folder.

    Parameters
    ----------
    folder, names
        As for `read_annotations`.

    Returns
    -------
    The images with their annotations, and a sentence for each thing that is left out.

    Raises
    ------
    UserError
        If there is none, or one is damaged or does not fit its image.
    """
    folder = Path(folder)
    report = find_pairs(*annotated_folders(folder), names, painted=True)
    if report.problems:
        raise UserError(report.problems[0])
    found = [completed(annotated(pair), folder) for pair in report.pairs]
    for each in found:
        try:
            check_weight(each.annotation, f"weights/{each.name}.tif")
        except UserError as error:
            raise error.of(each.name) from error
    return found, list(report.notes)


def annotated_folders(folder: Path) -> tuple[Path, Path]:
    """Return in which folders the images and the labels of annotations are.

    Parameters
    ----------
    folder
        Laid out as said in `napari_unet.io.annotations`, or one of images with annotations of
        another program beside them.

    Raises
    ------
    UserError
        If it is neither.
    """
    parts = folder / "images", folder / "labels"
    missing = [part.name for part in parts if not part.is_dir()]
    if len(missing) == len(parts) and folder.is_dir() and annotation_files(folder):
        return folder, folder
    if missing:
        raise UserError(
            f"{folder} is no folder of annotations: it has no folder named {missing[0]!r} in it."
        )
    return parts


def annotated(pair: Pair, *, validation: bool = False) -> AnnotatedImage:
    """Return a pair of files as an image that is annotated everywhere."""
    axes = pair.axes or STACK[-pair.labels.ndim :]
    annotation = Annotation(pair.labels, classes=pair.classes, class_names=pair.class_names)
    return AnnotatedImage(pair.name, pair.image, f"C{axes}", annotation, pair.spacing, validation)


def completed(plain: AnnotatedImage, folder: Path) -> AnnotatedImage:
    """Return an image and its objects with all else that a folder has of its annotation."""
    axes = plain.axes.replace("C", "")
    try:
        annotation = replace(
            plain.annotation,
            marks=_read_picture(folder / "marks" / f"{plain.name}.tif", np.uint8),
            weight=_read_picture(folder / "weights" / f"{plain.name}.tif", np.float32),
            boxes=read_boxes(folder / "rectangles" / f"{plain.name}.csv", axes),
            classes=read_classes(folder / "classes" / f"{plain.name}.csv"),
            class_names=tuple(name for name, _ in read_looks(folder, plain.name)),
            record=read_record(folder / "proof_read" / f"{plain.name}.csv"),
        )
    except UserError as error:
        raise error.of(plain.name) from error
    image = folder / "images" / f"{plain.name}.tif"
    scale = read_scale(image, axes) if image.exists() else None
    return replace(plain, annotation=annotation, scale=scale)


def _read_picture(path: Path, dtype: Any) -> NDArray[Any] | None:
    return read_label_image(path).loaded().data.astype(dtype) if path.exists() else None
