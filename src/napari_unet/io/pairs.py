"""Images and their labels, found by name and checked before any long work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.image.check import check_image
from napari_unet.core.instances.labels import check_labels
from napari_unet.io.read import READERS, image_files, is_zarr_folder, read_image, read_label_image
from napari_unet.io.zarr_folder import is_zarr_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_unet.io.picture import Picture


RESULTS = (
    *("_instances", "_semantic", "_probabilities", "_uncertainty"),
    *("_weights", "_overlay"),
)
"""Ends of the names of files that this program writes."""
ENDINGS = (*RESULTS, "_images", "_image", "_labels", "_label", "_masks", "_mask")
"""Ends of file names that say what a file is rather than what it shows."""


@dataclass(frozen=True)
class Pair:
    """An image and its labels.

    Parameters
    ----------
    name
        What both files' names have in common.
    image
        ``(C, *shape of the labels)``, in the file's own dtype.
    labels
        Instances or classes, integer.
    axes
        One letter of T, Z, Y, X per axis of the labels; None where the files do not say.
    spacing
        Size of a pixel along the Z, Y and X axes in µm; None where the image's file does not say.
    """

    name: str
    image: NDArray[Any]
    labels: NDArray[np.integer]
    axes: str | None
    spacing: tuple[float, ...] | None


@dataclass(frozen=True)
class PairReport:
    """What was found in a folder of images and a folder of labels.

    Parameters
    ----------
    pairs
        The pairs that are fit for training.
    problems
        A sentence for each pair that is not.
    notes
        A sentence for each thing worth knowing that does no harm.
    """

    pairs: tuple[Pair, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def find_pairs(
    images: str | Path,
    labels: str | Path,
    names: Sequence[str] | None = None,
    *,
    semantic: bool = False,
    ignore: int | None = None,
) -> PairReport:
    """Read the images and labels of two folders in pairs of one name, and check each.

    Parameters
    ----------
    images, labels
        Folders or single files; see `match_files` for how names are compared.
    names
        The pairs to take; None for all.
    semantic
        Whether the labels are classes rather than instances.
    ignore
        Number of the pixels that take no part.

    Raises
    ------
    UserError
        If no pair matches, a name is not there, or no pair has anything labelled.
    """
    files, notes = match_files(images, labels, names, semantic=semantic)
    pairs, problems = [], []
    for name, (image, label) in files.items():
        try:
            pictures = read_image(image).loaded(), read_label_image(label).loaded()
            pairs.append(_pair(name, *pictures, semantic, ignore))
        except UserError as error:
            problems.append(f"{name}: {error}")
    blank = [pair.name for pair in pairs if not _objects(pair.labels, ignore).any()]
    if pairs and len(blank) == len(pairs):
        raise UserError("Nothing is labelled in any of the label images: paint some objects first.")
    notes += [
        f"{name}: nothing is labelled; the whole image counts as background." for name in blank
    ]
    return PairReport(tuple(pairs), tuple(problems), tuple(notes))


def pair_of(name: str, image: Picture, labels: Picture) -> Pair:
    """Return an image and its labels as a pair, whatever they hold.

    Raises
    ------
    UserError
        If their shapes do not fit.
    """
    channels = _channels_first(image, labels.data.shape)
    axes = labels.axes or (image.axes.replace("C", "") if image.axes else None)
    fits = axes is not None and len(axes) == labels.data.ndim and "C" not in axes
    spacing = image.pixel.of(axes) if axes and fits else image.spacing
    return Pair(name, channels, labels.data, axes if fits else None, spacing)


def match_files(
    first: str | Path,
    second: str | Path,
    names: Sequence[str] | None = None,
    *,
    semantic: bool = False,
) -> tuple[dict[str, tuple[Path, Path]], list[str]]:
    """Pair the files of two folders by name.

    Parameters
    ----------
    first, second
        Folders or single files; two single files make a pair whatever their names. An OME-Zarr
        folder is a single file.
    names
        The names to take; None for all that both have.
    semantic
        Whether of this program's own results in a folder the classes are meant, not the instances.

    Returns
    -------
    files
        Name to both files; names are compared without their ending and without `ENDINGS`.
    notes
        A sentence for each file that has no partner.

    Raises
    ------
    UserError
        If no names match, one stands for two files, or one of `names` is not there.
    """
    if _is_single(Path(first)) and _is_single(Path(second)):
        return {short_name(Path(first).name): (Path(first), Path(second))}, []
    if Path(first).resolve() == Path(second).resolve():
        raise UserError(f"{first} was given twice: images and labels need a folder each.")
    ones, others = _by_name(first, semantic), _by_name(second, semantic)
    wanted = list(ones) if names is None else [short_name(name) for name in names]
    both = [name for name in wanted if name in ones and name in others]
    alone = [name for name in wanted if name not in both]
    if names is not None and alone:
        raise UserError(f"{alone[0]} is listed, but {first} and {second} do not both have it.")
    if not both:
        raise UserError(
            f"No file in {first} has the same name as one in {second}: "
            "give an image and its labels the same name."
        )
    alone += [name for name in others if name not in ones] if names is None else []
    notes = [f"{name}: left out, as it is in one of the two folders only." for name in alone]
    return {name: (ones[name], others[name]) for name in both}, notes


def short_name(file: str) -> str:
    """Return a file's name without what says that it is an image, labels or a result."""
    path = Path(file)
    known = path.suffix.lower() in READERS or is_zarr_name(path)
    name = path.stem if known else file
    while ending := next((end for end in ENDINGS if name.endswith(end) and name != end), ""):
        name = name.removesuffix(ending)
    return name


def _by_name(path: str | Path, semantic: bool) -> dict[str, Path]:
    meant = "_semantic" if semantic else "_instances"
    others = tuple(ending for ending in RESULTS if ending != meant)
    found: dict[str, Path] = {}
    for file in image_files([path]):
        if not _is_single(Path(path)) and file.stem.endswith(others):
            continue
        name = short_name(file.name)
        if name in found:
            raise UserError(
                f"{found[name].name} and {file.name} both stand for {name}: keep one of them."
            )
        found[name] = file
    return found


def _is_single(path: Path) -> bool:
    return path.is_file() or is_zarr_folder(path)


def _pair(name: str, image: Picture, labels: Picture, semantic: bool, ignore: int | None) -> Pair:
    check_image(image.data)
    classes = (
        labels.data.astype(np.uint8) if semantic and labels.data.dtype == bool else labels.data
    )
    check_labels(_objects(classes, ignore), "The label image")
    return pair_of(name, image, replace(labels, data=classes))


def _objects(labels: NDArray[Any], ignore: int | None) -> NDArray[Any]:
    return labels if ignore is None else np.where(labels == ignore, 0, labels).astype(labels.dtype)


def _channels_first(image: Picture, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the image with its channel axis first, where the other axes are as in the labels."""
    data: NDArray[Any] = image.data
    if data.shape == shape:
        return data[np.newaxis]
    if data.ndim == len(shape) + 1:
        named = [image.axes.index("C")] if image.axes and "C" in image.axes else []
        for axis in (*named, data.ndim - 1, 0, 1):
            if data.shape[:axis] + data.shape[axis + 1 :] == shape:
                return np.moveaxis(data, axis, 0)
    raise UserError(
        f"The image has the shape {data.shape} and its labels {shape}: "
        "labels must have the image's shape, without the channels."
    )
