"""The pairs of images and labels in two folders, read and checked before any long work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.config import ignored_label
from napari_unet.core.errors import UserError
from napari_unet.core.image.check import check_image
from napari_unet.core.instances.labels import check_labels
from napari_unet.core.instances.looks import check_objects
from napari_unet.core.instances.masks import are_masks
from napari_unet.io.labels import read_labels
from napari_unet.io.pairs.match import match_files
from napari_unet.io.pairs.pair import Pair, pair_of, size_note
from napari_unet.io.read import read_image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_unet.io.picture import Picture


WHITE_IS_ONE = (
    "The masks hold nothing but black (0) and white: white counts as class 1. If it means ignored "
    "pixels, say so with their number."
)
"""What is told where a number of `FULL` is taken for the foreground."""


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
        A sentence for each file that is left out, and for how masks are taken.
    blank
        A sentence for each pair in which nothing is labelled.
    """

    pairs: tuple[Pair, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    blank: tuple[str, ...] = ()


def find_pairs(
    images: str | Path,
    labels: str | Path,
    names: Sequence[str] | None = None,
    *,
    semantic: bool = False,
    ignore: int | None = None,
    painted: bool = False,
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
        Number of the pixels that take no part; None for `IGNORE` of classes, and for none of
        instances. Masks of nothing but 0 and 255 have one class, unless 255 is named here.
    painted
        Whether the labels were painted with this program: then one number in many pieces is no
        reason to refuse them.

    Raises
    ------
    UserError
        If no pair matches, a name is not there, or no pair has anything labelled.
    """
    files, notes = match_files(images, labels, names, semantic=semantic, images=True)
    without = ignored_label(semantic, ignore)
    objects = not semantic and not painted
    pairs, problems = list[Pair](), list[str]()
    for name, paths in files.items():
        try:
            pair, told = _read_pair(name, *paths, semantic, without)
            notes += told
            if objects:
                check_objects(pair.labels, pair.axes, "The label image", without, classes=True)
            pairs.append(pair)
        except UserError as error:
            problems.append(f"{name}: {error}")
    classes = tuple(dict.fromkeys(name for pair in pairs for name in pair.class_names))
    pairs = [replace(pair, class_names=classes) for pair in pairs]
    if semantic and ignore is None and are_masks(pair.labels for pair in pairs):
        pairs = [replace(pair, labels=(pair.labels != 0).astype(np.uint8)) for pair in pairs]
        notes.append(WHITE_IS_ONE)
    return PairReport(tuple(pairs), tuple(problems), tuple(notes), _blank(pairs, without))


def _read_pair(
    name: str, image: Path, label: Path, semantic: bool, ignore: int | None
) -> tuple[Pair, list[str]]:
    """Read an image and its labels; return them, and a sentence for each thing not read."""
    pictures = read_image(image).loaded(), read_labels(label)
    notes = pictures[0].notes + pictures[1].notes + size_note(*pictures, "image")
    told = [f"{name}: {note}" for note in notes]
    return _pair(name, *pictures, semantic, ignore), told


def _blank(pairs: Sequence[Pair], ignore: int | None) -> tuple[str, ...]:
    """Say in which pairs nothing is labelled; refuse them if they are all."""
    blank = [pair for pair in pairs if not _objects(pair.labels, ignore).any()]
    if pairs and len(blank) == len(pairs):
        raise UserError("Nothing is labelled in any of the label images: paint some objects first.")
    return tuple(f"{pair.name}: {_blank_words(pair.labels, ignore)}" for pair in blank)


def _blank_words(labels: NDArray[np.integer], ignore: int | None) -> str:
    ignored = 0.0 if ignore is None else float((labels == ignore).mean())
    if ignored == 1:
        return "every pixel is ignored."
    rest = f"the {100 - 100 * ignored:.3g} % that are not ignored count"
    return f"nothing is labelled; {rest if ignored else 'the whole image counts'} as background."


def _pair(name: str, image: Picture, labels: Picture, semantic: bool, ignore: int | None) -> Pair:
    check_image(image.data)
    classes = semantic and labels.data.dtype == bool
    data = labels.data.astype(np.uint8) if classes else labels.data
    check_labels(_objects(data, ignore), "The label image")
    return pair_of(name, image, replace(labels, data=data))


def _objects(labels: NDArray[Any], ignore: int | None) -> NDArray[Any]:
    return labels if ignore is None else np.where(labels == ignore, 0, labels).astype(labels.dtype)
