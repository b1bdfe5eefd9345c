"""Which files of two folders belong together."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from napari_unet.core.errors import UserError
from napari_unet.core.words import first_of
from napari_unet.io.listing import (
    annotation_files,
    annotations_in,
    image_files,
    is_annotation,
    is_drawn,
    label_files,
    passed_over,
)
from napari_unet.io.numpy_file import is_of_cellpose
from napari_unet.io.pairs.names import (
    RESULTS,
    by_own_name,
    left_alone,
    meant,
    named_after,
    says_labels,
    short_name,
    spelling,
    stem,
)
from napari_unet.io.provenance.read import known_provenance
from napari_unet.io.zarr_folder import is_zarr_folder

if TYPE_CHECKING:
    from collections.abc import Sequence


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
        A sentence for each file that is left out, and for what belongs together by its own name
        though it names another image.

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
        raise _unlike(first, second)
    notes += by_own_name(side[name] for name in both for side in (one, other))
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


def _unlike(*sides: Path) -> UserError:
    files, others = sorted(sides, key=_is_one)
    named = others.name if _is_one(others) else f"one in {others}"
    return UserError(
        f"No file in {files} has the same name as {named}: give an image and its labels the same "
        "name."
    )


def _is_one(path: Path) -> bool:
    """Tell whether a path is one image, and holds no others."""
    return is_single(path) and not is_drawn(path)


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
    beside = _drawn_beside(path, every) if labels else []
    return files, [*left_out, *beside, *notes, *_called_results(every, kept)]


def _drawn_beside(folder: Path, every: Sequence[Path]) -> list[str]:
    """Return a sentence for annotations of other programs that label images are taken before.

    Nothing is said of those that are called like a label image, as `export` writes them.
    """
    if any(map(is_drawn, every)):
        return []
    known = {short_name(file.name) for file in every}
    others = (path for path in folder.iterdir() if not path.name.startswith("."))
    left = sorted(path for path in others if short_name(path.name) not in known)
    drawn = [path.name for path in left if is_annotation(path)]
    if not drawn:
        return []
    return [
        f"{first_of(drawn)} left out, as there are label images in {folder.name}, too: move "
        "outlines to a folder of their own, and export them as TIFF where both are to be taken."
    ]


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
