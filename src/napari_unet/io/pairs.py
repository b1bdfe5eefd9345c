"""Images and their labels, found by name and checked before any long work."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.config import ignored_label
from napari_unet.core.errors import UserError
from napari_unet.core.image.check import check_image
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.instances.labels import check_labels
from napari_unet.core.instances.looks import check_objects
from napari_unet.core.instances.masks import are_masks
from napari_unet.io.labels import read_labels
from napari_unet.io.names import (
    RESULTS,
    left_alone,
    meant,
    named_after,
    says_labels,
    short_name,
    spelling,
    stem,
)
from napari_unet.io.picture import numbered
from napari_unet.io.provenance.read import known_provenance
from napari_unet.io.read import (
    annotation_files,
    annotations_in,
    image_files,
    is_drawn,
    is_of_cellpose,
    is_zarr_folder,
    label_files,
    passed_over,
    read_image,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from napari_unet.core.image.spacing import Listed
    from napari_unet.io.picture import Picture


WHITE_IS_ONE = (
    "The masks hold nothing but black (0) and white: white counts as class 1. If it means ignored "
    "pixels, say so with their number."
)
"""What is told where a number of `FULL` is taken for the foreground."""


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
        Size of a pixel along the Z, Y and X axes in µm, as the image's file says or, where it does
        not, that of the labels; None where neither does, of all or of one.
    kinds
        Name of the class of each object, by its number; empty where the file of the labels says
        nothing of classes.
    class_names
        Names of the classes from 1 on, of all that belong together.
    """

    name: str
    image: NDArray[Any]
    labels: NDArray[np.integer]
    axes: str | None
    spacing: Listed | None
    kinds: Mapping[int, str] = field(default_factory=dict)
    class_names: tuple[str, ...] = ()

    @property
    def classes(self) -> dict[int, int]:
        """Number of an object to number of its class."""
        return numbered(self.kinds, self.class_names)


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
                check_objects(pair.labels, pair.axes, "The label image", without)
            pairs.append(pair)
        except UserError as error:
            problems.append(f"{name}: {error}")
    classes = tuple(dict.fromkeys(name for pair in pairs for name in pair.class_names))
    pairs = [replace(pair, class_names=classes) for pair in pairs]
    if semantic and ignore is None and are_masks(pair.labels for pair in pairs):
        pairs = [replace(pair, labels=(pair.labels != 0).astype(np.uint8)) for pair in pairs]
        notes.append(WHITE_IS_ONE)
    return PairReport(tuple(pairs), tuple(problems), tuple(notes), _blank(pairs, without))


def pair_of(name: str, image: Picture, labels: Picture) -> Pair:
    """Return an image and its labels as a pair, whatever they hold.

    Raises
    ------
    UserError
        If their shapes do not fit.
    """
    named = image.axes and image.axes.replace("C", "")
    if labels.axes is None and named and len(named) == labels.data.ndim:
        labels = replace(labels, axes=named)
    image = image.without_single()
    labels = labels.without_single().fitted(image)
    channels = _channels_first(image, labels)
    axes = labels.axes or (image.axes.replace("C", "") if image.axes else None)
    fits = axes is not None and len(axes) == labels.data.ndim and "C" not in axes
    spacing = _pixel(image, labels).listed(axes) if axes and fits else image.spacing
    kinds, names = labels.kinds, tuple(dict.fromkeys(labels.kinds.values()))
    return Pair(name, channels, labels.data, axes if fits else None, spacing or None, kinds, names)


def _pixel(image: Picture, labels: Picture) -> Spacing:
    """Return the size of a pixel in the image, with what only the labels say of it."""
    one, other = image.pixel, labels.pixel
    return one if one.differs(other) else Spacing({**other.sizes, **one.sizes})


def size_note(image: Picture, labels: Picture, taken: str = "labels") -> tuple[str, ...]:
    """Return a sentence where an image and its labels say different pixel sizes; else nothing.

    Parameters
    ----------
    image, labels
        As their files say.
    taken
        Whose size is taken, ``"image"`` or ``"labels"``.
    """
    one, other = image.pixel, labels.pixel
    if not one.differs(other):
        return ()
    return (
        f"A pixel is {one.in_words('µm')} in the image and {other.in_words('µm')} in its labels: "
        f"that of the {taken} is taken, so put it right if it is the wrong one.",
    )


def match_files(
    first: str | Path,
    second: str | Path,
    names: Sequence[str] | None = None,
    *,
    semantic: bool = False,
    images: bool = False,
) -> tuple[dict[str, tuple[Path, Path]], list[str]]:
    """Pair the files of two folders by name.

    Parameters
    ----------
    first, second
        Folders or single files; two single files make a pair whatever their names. An OME-Zarr
        folder is a single file. Images and their labels may be in one folder, in which the names
        tell labels from images.
    names
        The names to take; None for all that both have.
    semantic
        Whether of this program's own results in a folder the classes are meant, not the instances.
    images
        Whether the first are images, and not labels.

    Returns
    -------
    files
        Name to both files; see `spelling` for how names are compared.
    notes
        A sentence for each file that is left out.

    Raises
    ------
    UserError
        If no names match, one stands for two files, or one of `names` is not there.
    """
    first, second = Path(first), Path(second)
    ones, others, notes = _sides(first, second, semantic, images)
    _refuse_objects([*ones, *others], semantic)
    if is_single(first) and is_single(second) and len(ones) == len(others) == 1:
        return {short_name(first.name): (first, second)}, notes
    ones, others = named_after(ones, others), named_after(others, ones)
    spelled = spelling(ones, others)
    one, other = ({spelled(file.name): file for file in files} for files in (ones, others))
    wanted = list(one) if names is None else [spelled(name) for name in names]
    both = [name for name in wanted if name in one and name in other]
    missing = [name for name in names or () if spelled(name) not in both]
    if missing:
        raise UserError(f"{missing[0]} is listed, but {first} and {second} do not both have it.")
    if not both:
        raise UserError(
            f"No file in {first} has the same name as one in {second}: "
            "give an image and its labels the same name."
        )
    shown = stem if spelled is stem else short_name
    if names is None:
        alone = [[side[name] for name in side if name not in both] for side in (one, other)]
        if any(file.parent.is_file() for file in [*ones, *others]):
            notes += [*left_alone(alone[0], others, second), *left_alone(alone[1], ones, first)]
        else:
            together = first.resolve() == second.resolve()
            why = "nothing belongs to it" if together else "it is in one of the two folders only"
            notes += [f"{shown(file.name)}: left out, as {why}." for file in chain(*alone)]
    return {shown(one[name].name): (one[name], other[name]) for name in both}, notes


def _refuse_objects(files: Sequence[Path], semantic: bool) -> None:
    """Refuse annotations of other programs, whose numbers are objects, where classes are meant."""
    if not semantic:
        return
    for file in files:
        if is_drawn(file) or is_of_cellpose(file):
            raise UserError(
                f"{file.name} holds objects, not the class of each pixel: take it for objects, or "
                "give label images of the classes."
            )


def _sides(
    first: Path, second: Path, semantic: bool, images: bool
) -> tuple[list[Path], list[Path], list[str]]:
    """Return the files of both sides, and a sentence for each that is left out."""
    ones, notes = files_in(first, semantic=semantic, labels=not images)
    others, more = files_in(second, semantic=semantic)
    if first.resolve() != second.resolve() or is_single(first):
        return ones, others, notes + more
    if not images:
        raise UserError(f"{first} was given twice: what is compared needs a folder each.")
    pictures = [file for file in ones if not says_labels(file.name)]
    labels = [file for file in others if says_labels(file.name)]
    drawn = annotation_files(first)
    if not labels and drawn:
        return pictures, drawn, []
    if not labels:
        raise UserError(
            f"No file in {first} says in its name that it holds labels: call the labels of a.tif "
            "a_labels.tif, or put them into a folder of their own."
        )
    left = dict.fromkeys(each.parent if each.parent.is_file() else each for each in drawn)
    more = [f"{file.name}: left out, as {labels[0].name} is there, too." for file in left]
    return pictures, labels, [*passed_over([first]), *more]


def files_in(
    path: str | Path, *, semantic: bool = False, labels: bool = True
) -> tuple[list[Path], list[str]]:
    """List a file, or those of a folder that are meant.

    Parameters
    ----------
    path
        A file or folder.
    semantic
        Whether of this program's own results the classes are meant, not the instances.
    labels
        Whether labels are meant, and not images.

    Returns
    -------
    The files, and a sentence for each that was left out.

    Raises
    ------
    UserError
        If it does not exist, or has no image.
    """
    path = Path(path)
    if is_single(path):
        return annotations_in(path) if labels else [path], []
    results = tuple(end for end in RESULTS if end != ("_semantic" if semantic else "_instances"))
    every = label_files(path) if labels else image_files([path])
    kept = [file for file in every if not file.stem.endswith(results)]
    files, notes = meant(kept, labels=labels)
    # Cellpose's annotations lie beside label images, or are the labels themselves
    left_out = [] if any(map(is_of_cellpose, every)) else passed_over([path])
    return files, [*left_out, *notes, *_called_results(every, kept)]


def _called_results(every: Sequence[Path], kept: Sequence[Path]) -> list[str]:
    """Return a sentence for each file that is left out as a result by its name alone."""
    known = {short_name(file.name) for file in kept}
    return [
        f"{file.name}: left out, as it is called like a result of this program. If it is none, "
        "give it another name."
        for file in every
        if file not in kept
        and short_name(file.name) not in known
        and known_provenance(file) is None
    ]


def is_single(path: Path) -> bool:
    """Tell whether a path is a file, or an OME-Zarr folder, and not a folder of files."""
    return path.is_file() or is_zarr_folder(path)


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


def _channels_first(image: Picture, labels: Picture) -> NDArray[Any]:
    """Return the image with its channel axis first and the others as they lie in the labels."""
    axes, shape = labels.axes, labels.data.shape
    image = image.along(axes and ("C" + axes if "C" in (image.axes or "") else axes))
    data: NDArray[Any] = image.data
    if _same_letters(image.axes, axes):
        for axis in _channel_places(image, len(shape)):
            first = data[np.newaxis] if axis is None else np.moveaxis(data, axis, 0)
            if first.shape[1:] == shape:
                return first
    raise _misfit(image, labels)


def _same_letters(image: str | None, labels: str | None) -> bool:
    """Return whether axes may be the same; time and depth are often mistaken for each other."""
    one, other = (axes and axes.replace("C", "").replace("T", "Z") for axes in (image, labels))
    return not one or not other or one == other


def _channel_places(image: Picture, ndim: int) -> list[int | None]:
    """Return where an image may have its channels, None for nowhere: where it says they are."""
    if image.axes:
        return [image.axes.index("C") if "C" in image.axes else None]
    return [ndim, 0, 1] if image.data.ndim > max(ndim, 1) else [None]


def _misfit(image: Picture, labels: Picture) -> UserError:
    """Return what is wrong with labels of a shape that an image does not have."""
    own, shape = image.axes or "", labels.data.shape
    axes = f", the axes {own}," if own else ""
    told = f"The image has the shape {image.data.shape}{axes} and its labels {shape}"
    channels = (
        "if these are channels, have the image say so (in Fiji with Stack to Hyperstack)"
        if own and "C" not in own
        else ""
    )
    drawn = labels.file is not None and is_drawn(labels.file)
    if drawn and {"T", "Z"} & set(own) and not {"T", "Z"} & set(labels.axes or ""):
        return UserError(
            f"{told}, as the outlines do not say in which plane they lie: give labels of each "
            "plane, drawn with that plane in view (Fiji and QuPath keep its number then), or the "
            f"plane that they are of as an image of its own{channels and '; or, '}{channels}."
        )
    if channels and image.data.shape[1:] == shape:
        return UserError(f"{told}: give labels of each plane, or, {channels}.")
    return UserError(f"{told}: labels must have the image's shape, without the channels.")
