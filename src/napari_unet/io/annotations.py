"""Annotations as a folder of files, the same that the viewer's layers hold.

::

    FOLDER/images/NAME.tif        the image
    FOLDER/labels/NAME.tif        the objects
    FOLDER/marks/NAME.tif         1 = background, 2 = ignore; may be left away
    FOLDER/rectangles/NAME.csv    the training rectangles; may be left away
    FOLDER/classes/NAME.csv       the class of each object; may be left away
    FOLDER/class_names/NAME.csv   name and colour of each class; may be left away
    FOLDER/proof_read/NAME.csv    who made, edited and accepted the objects; may be left away
    FOLDER/weights/NAME.tif       a painted weight map; may be left away
"""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation, usual_colour
from napari_unet.core.annotation.painted_weight import check_weight
from napari_unet.core.annotation.record import PERSON, PROGRAM, Record
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import STACK, usual_order
from napari_unet.core.image.spacing import Spacing
from napari_unet.io.names import short_name
from napari_unet.io.pairs import find_pairs, pair_of
from napari_unet.io.picture import below_zero
from napari_unet.io.read import annotation_files, read_image, read_label_image
from napari_unet.io.tiff import read_scale, write_labels, write_tiff
from napari_unet.storage.atomic import replacing
from napari_unet.storage.names import file_name, numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_unet.io.pairs import Pair


PARTS = {
    **dict.fromkeys(("images", "labels", "marks", "weights"), ".tif"),
    **dict.fromkeys(("rectangles", "classes", "class_names", "proof_read"), ".csv"),
}
"""The folders, and how the files in them end."""
Look = tuple[str, str]
"""Name and colour of a class, the colour as ``#rrggbb``."""


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
    found = [_completed(annotated(pair), folder) for pair in report.pairs]
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
        Laid out as said at the top of this module, or one of images with annotations of another
        program beside them.

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


def find_annotation(
    folder: str | Path,
    name: str,
    image: NDArray[Any],
    others: Sequence[tuple[str, NDArray[Any]]] = (),
) -> tuple[AnnotatedImage, list[Look]]:
    """Read what was saved for an image, under whatever name.

    Parameters
    ----------
    folder
        Laid out as said at the top of this module.
    name
        What the image is called; files of that name are looked at first.
    image
        The pixels, which must be the same in the file, if in another order of axes.
    others
        Name and pixels of others whose annotation is this image's, too: those of its channels.

    Returns
    -------
    annotated
        The image with its annotation, its channels first and its other axes as in the image that
        was found.
    looks
        Name and colour of each class from 1 on; empty if they were not saved.

    Raises
    ------
    UserError
        If the folder has no annotation of the image, or it is damaged.
    """
    folder, wanted = Path(folder), [(name, image), *others]
    starts = [_short(each) for each, _ in wanted]
    files = sorted((folder / "images").glob("[!.]*.tif"))
    for file in sorted(files, key=lambda file: [not file.stem.startswith(each) for each in starts]):
        pixels = (each for _, each in wanted)
        readings = (_readings(each, permutations(range(each.ndim))) for each in pixels)
        held = _held(folder, file.stem, (each for every in readings for each in every))
        if held is not None:
            pair, kept = held
            looks = _read_looks(folder, pair.name)
            return _turned(_completed(annotated(pair), folder), np.argsort(kept).tolist()), looks
    raise UserError(
        f"{folder} has no annotation of “{name}” in it: choose the folder in which it was saved."
    )


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
    tables = _tables(annotation, axes, looks)
    write_tiff(files["images"], annotated.image, annotated.axes, spacing, unit)
    write_labels(files["labels"], annotation.instances, axes, spacing, unit)
    for part, picture in pictures.items():
        write = write_labels if part == "marks" else write_tiff
        write(files[part], picture, axes, spacing, unit)
    for part, table in tables.items():
        _write_rows(files[part], *table)
    for part in PARTS.keys() - {"images", "labels", *pictures, *tables, *keep}:
        _remove(files[part])
    return name


def _tables(
    annotation: Annotation, axes: str, looks: Sequence[Look]
) -> dict[str, tuple[list[str], list[Any]]]:
    """Return the columns and rows of each table that there is to write."""
    tables: dict[str, tuple[list[str], list[Any]]] = {}
    if annotation.boxes is not None:
        flat = annotation.boxes.transpose(0, 2, 1).reshape(-1, 2 * len(axes))
        tables["rectangles"] = _corners(axes), flat.tolist()
    if annotation.classes:
        tables["classes"] = ["object", "class"], sorted(annotation.classes.items())
    named = looks or [
        (name, usual_colour(number)) for number, name in enumerate(annotation.class_names, 1)
    ]
    if named:
        rows = [(number, *look) for number, look in enumerate(named, 1)]
        tables["class_names"] = list(_LOOK), rows
    if annotation.record is not None:
        tables["proof_read"] = list(_RECORD), _record_rows(annotation.record)
    return tables


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"Could not remove {path}: {error.strerror or error}.") from error


def annotated(pair: Pair, *, validation: bool = False) -> AnnotatedImage:
    """Return a pair of files as an image that is annotated everywhere."""
    axes = pair.axes or STACK[-pair.labels.ndim :]
    annotation = Annotation(pair.labels, classes=pair.classes, class_names=pair.class_names)
    return AnnotatedImage(pair.name, pair.image, f"C{axes}", annotation, pair.spacing, validation)


def _own_name(folder: Path, annotated: AnnotatedImage) -> str:
    """Return the first name that no file has, or that the image itself has already."""
    wanted = _short(annotated.name)
    files = [file for part in PARTS for file in (folder / part).glob("*")]
    taken = {short_name(file.name).casefold() for file in files}
    order = usual_order(annotated.axes)
    for name in numbered(wanted):
        if name.casefold() not in taken or _held(folder, name, _readings(annotated.image, [order])):
            break
    return name


def _short(name: str) -> str:
    return short_name(f"{file_name(name, 'image')}.tif")


def _held(
    folder: Path, name: str, readings: Iterable[tuple[NDArray[Any], tuple[int, ...]]]
) -> tuple[Pair, tuple[int, ...]] | None:
    """Return the image and the objects that a folder has under a name, if it is that image.

    Parameters
    ----------
    readings
        The image with its axes in the orders to look for, as `_readings` yields it.

    Returns
    -------
    The pair, and which axis of the image each axis of its objects is; None for another image.
    """
    try:
        pixels, objects = (folder / part / f"{name}.tif" for part in ("images", "labels"))
        pair = pair_of(name, read_image(pixels).loaded(), read_label_image(objects).loaded())
    except UserError:
        return None
    fitting = (kept for each, kept in readings if _equal(pair.image, each))
    return next(((pair, kept) for kept in fitting), None)


def _readings(
    image: NDArray[Any], orders: Iterable[tuple[int, ...]]
) -> Iterator[tuple[NDArray[Any], tuple[int, ...]]]:
    """Yield the image with each axis taken for its channels and put first, and the other axes."""
    for order in orders:
        yield image.transpose(order)[np.newaxis], order
        for channel in order:
            kept = tuple(axis for axis in order if axis != channel)
            yield image.transpose(channel, *kept), kept


def _equal(one: NDArray[Any], other: NDArray[Any]) -> bool:
    # signed 16 bits of ImageJ were saved as the numbers in their file once
    if one.dtype == np.uint16 and other.dtype == np.int16:
        one = below_zero(one)
    return np.array_equal(one, other, equal_nan=one.dtype.kind == other.dtype.kind == "f")


def _turned(found: AnnotatedImage, order: Sequence[int]) -> AnnotatedImage:
    """Return an image whose channels are first with its other axes in another order."""
    letters = found.axes[1:]
    turned = "".join(letters[axis] for axis in order)
    return replace(
        found,
        image=found.image.transpose(0, *(axis + 1 for axis in order)),
        axes=f"C{turned}",
        annotation=found.annotation.transposed(order),
        spacing=Spacing.along(letters, found.spacing).listed(turned) or None,
        scale=Spacing.along(letters, found.scale).of(turned),
    )


def _completed(plain: AnnotatedImage, folder: Path) -> AnnotatedImage:
    axes = plain.axes.replace("C", "")
    try:
        annotation = replace(
            plain.annotation,
            marks=_read_picture(folder / "marks" / f"{plain.name}.tif", np.uint8),
            weight=_read_picture(folder / "weights" / f"{plain.name}.tif", np.float32),
            boxes=_read_boxes(folder / "rectangles" / f"{plain.name}.csv", axes),
            classes=_read_classes(folder / "classes" / f"{plain.name}.csv"),
            class_names=tuple(name for name, _ in _read_looks(folder, plain.name)),
            record=_read_record(folder / "proof_read" / f"{plain.name}.csv"),
        )
    except UserError as error:
        raise error.of(plain.name) from error
    image = folder / "images" / f"{plain.name}.tif"
    scale = read_scale(image, axes) if image.exists() else None
    return replace(plain, annotation=annotation, scale=scale)


def _read_picture(path: Path, dtype: Any) -> NDArray[Any] | None:
    return read_label_image(path).loaded().data.astype(dtype) if path.exists() else None


def _read_boxes(path: Path, axes: str) -> NDArray[np.integer] | None:
    if not path.exists():
        return None
    rows = _read_rows(path, dict.fromkeys(_corners(axes), int))
    return np.array(rows, dtype=np.int64).reshape(-1, len(axes), 2).transpose(0, 2, 1)


def _read_classes(path: Path) -> dict[int, int]:
    if not path.exists():
        return {}
    return {row[0]: row[1] for row in _read_rows(path, {"object": int, "class": int})}


def _read_looks(folder: Path, name: str) -> list[Look]:
    path = folder / "class_names" / f"{name}.csv"
    rows = sorted(_read_rows(path, _LOOK)) if path.exists() else []
    if [row[0] for row in rows] != list(range(1, len(rows) + 1)):
        raise UserError(
            f"class_names/{path.name} must name the classes 1, 2, 3 without a gap, each once."
        )
    return [row[1:] for row in rows]


def _record_rows(record: Record) -> list[list[Any]]:
    known = sorted(record.found | record.accepted | record.edited)
    accepted, edited = record.accepted, record.edited
    return [
        [number, record.made_by(number), int(number in accepted), int(number in edited)]
        for number in known
    ]


def _read_record(path: Path) -> Record | None:
    if not path.exists():
        return None
    rows = _read_rows(path, _RECORD)
    return Record(
        frozenset(number for number, by, _, _ in rows if by == PROGRAM),
        frozenset(number for number, _, accepted, _ in rows if accepted),
        frozenset(number for number, _, _, edited in rows if edited),
    )


def _maker(text: str) -> str:
    if text not in (PROGRAM, PERSON):
        raise ValueError(text)
    return text


def _colour(text: str) -> str:
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise ValueError(text)
    return text


_LOOK: dict[str, Callable[[str], Any]] = {"class": int, "name": str, "colour": _colour}
_RECORD: dict[str, Callable[[str], Any]] = {
    "object": int,
    "made_by": _maker,
    "accepted": int,
    "edited": int,
}


def _corners(axes: str) -> list[str]:
    return [f"{letter} {end}" for letter in axes for end in ("first", "end")]


def _write_rows(path: Path, names: list[str], rows: Sequence[Sequence[Any]]) -> None:
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, *rows])


def _read_rows(path: Path, columns: Mapping[str, Callable[[str], Any]]) -> list[tuple[Any, ...]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        return [tuple(read(row[name]) for name, read in columns.items()) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        numbers = [name for name, read in columns.items() if read is int]
        raise UserError(
            f"{path.name} must be a table with the columns {', '.join(columns)}, and whole numbers "
            f"under {', '.join(numbers)}."
        ) from error
