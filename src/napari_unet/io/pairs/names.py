"""What file names say: which files are labels or results, and which belong together."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from napari_unet.core.errors import UserError
from napari_unet.core.words import counted, first_of
from napari_unet.io.listing import annotated_images
from napari_unet.io.read import ANNOTATIONS, READERS
from napari_unet.io.zarr_folder import is_zarr_name

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence


RESULTS = (
    *("_instances", "_semantic", "_probabilities", "_uncertainty"),
    *("_weights", "_overlay", "_outlines"),
)
"""Ends of the names of files that this program writes."""
_LABELS = (
    *("_instances", "_semantic", "_labels", "_label", "_cp_masks", "_masks", "_mask", "_seg"),
    *("_gt", "_simple segmentation", "_object identities", "_rois", "_roiset", "_coco"),
    *("_lbl", "_dist-watershed", "_watershed", "_annotation"),
)
_BEFORE = ("roiset_", "roiset-", "lblimg_", "count masks of ", "mask of ")
"""How names of labels begin that Fiji and its plugins propose."""
_ENDINGS = (*RESULTS, *_LABELS, "_images", "_image", "_img", ".ome")


def short_name(file: str) -> str:
    """Return a file's name without what says that it is an image, labels or a result."""
    name = stem(file)
    name = name[len(_beginning(name)) :]
    while ending := next(
        (end for end in _ENDINGS if _ends(name, end) and len(name) > len(end)), ""
    ):
        name = name[: -len(ending)]
    return name


def stem(file: str) -> str:
    """Return a file's name without the ending of a kind that is read; all of it for another."""
    path = Path(file)
    known = path.suffix.lower() in READERS | ANNOTATIONS or is_zarr_name(path)
    return path.stem if known else file


def says_labels(file: str) -> bool:
    """Tell whether a file's name says that it holds labels."""
    name = stem(file)
    name = name[:-4] if _ends(name, ".ome") else name
    return bool(_beginning(name)) or any(_ends(name, end) for end in _LABELS)


def meant(files: Iterable[Path], *, labels: bool) -> tuple[list[Path], list[str]]:
    """Leave files away that are something else, by their names, than others of the same name.

    Parameters
    ----------
    files
        The files of a folder.
    labels
        Whether labels are wanted, and not images.

    Returns
    -------
    The files that are left, and a sentence for each that is not.
    """
    alike = defaultdict[str, list[Path]](list)
    for file in files:
        # an image that annotations name is what it is called
        alike[str(file) if file.parent.is_file() else _spelled(file.name)].append(file)
    kept, notes = list[Path](), list[str]()
    for group in alike.values():
        wanted = [file for file in group if says_labels(file.name) == labels] or group
        kept += wanted
        what = "no labels" if labels else "labels"
        notes += [
            f"{file.name}: left out, as {wanted[0].name} is there, too, and this one's name "
            f"says that it is {what}."
            for file in group
            if file not in wanted
        ]
    return kept, notes


def spelling(ones: Sequence[Path], others: Sequence[Path]) -> Callable[[str], str]:
    """Return what is compared of file names to find which files of two folders belong together.

    Letter case and how accents are stored do not matter, unless files differ in nothing else;
    nor do endings such as ``_labels``, unless both folders have the same names with them.

    Parameters
    ----------
    ones, others
        The files of each folder.

    Raises
    ------
    UserError
        If two files of a folder have one name.
    """
    for spelled in (_spelled, short_name):
        if not _same(ones, spelled) and not _same(others, spelled):
            return spelled
    if _stems(ones) == _stems(others) and len(_stems(ones)) == len(ones) == len(others):
        return stem
    first, second = [*_same(ones, short_name), *_same(others, short_name)][0]
    alike = first.name == second.name
    if alike and first.parent.is_file():
        raise UserError(
            f"{first.parent} and {second.parent} both annotate {first.name}: give one of them."
        )
    one, other = (first, second) if alike else (first.name, second.name)
    what = "give them one after the other" if alike else "keep one of them"
    raise UserError(f"{one} and {other} both stand for {short_name(second.name)}: {what}.")


def named_after(labels: Sequence[Path], images: Sequence[Path]) -> list[Path]:
    """Name annotations of one image after that image, where they say so and it is there.

    Parameters
    ----------
    labels
        Files, and images behind a file, as `annotations_in` gives them.
    images
        What they may belong to.

    Returns
    -------
    For each of the labels itself, or its image as a name behind the file.
    """
    there = {_spelled(image.name) for image in images}
    return [_named_after(file, there) for file in labels]


def _named_after(file: Path, there: Container[str]) -> Path:
    images = annotated_images(file)
    known = len(images) == 1 and _spelled(images[0].name) in there
    return images[0] if known else file


def by_own_name(files: Iterable[Path]) -> list[str]:
    """Return a sentence on annotations that say they are of an image that is not there.

    Parameters
    ----------
    files
        What belongs together by the names of the files themselves.
    """
    told = [(file, image) for file in files for image in annotated_images(file)]
    if not told:
        return []
    file, image = told[0]
    more = f" So it is with {counted(len(told) - 1, 'more file')}." if told[1:] else ""
    return [
        f"{file.name} says that it annotates {image.name}, which is not there: it is taken for "
        f"the image that is called like the file itself, so look whether it fits.{more}"
    ]


def left_alone(files: Sequence[Path], others: Sequence[Path], given: Path) -> list[str]:
    """Return a sentence for each folder or file of annotations with images that stand alone.

    Parameters
    ----------
    files
        Those that do, in folders or behind files of annotations.
    others
        What they might have belonged to.
    given
        Where these are.
    """
    inside = defaultdict[Path, list[str]](list)
    for file in files:
        inside[file.parent].append(file.name)
    places = {other.parent for other in others}
    there = places.pop() if len(places) == 1 else given
    return [
        f"{counted(len(names), 'image')} in {where.name} left out, as {there.name} has none of "
        f"that name: {first_of(names)}."
        for where, names in inside.items()
    ]


def _spelled(file: str) -> str:
    return unicodedata.normalize("NFC", short_name(file)).casefold()


def _ends(name: str, ending: str) -> bool:
    """Tell whether a name has an ending, also with a hyphen in place of the first ``_``."""
    last = name[-len(ending) :].casefold()
    return ending in (last, last.replace("-", "_", 1))


def _beginning(name: str) -> str:
    """Return how a name begins that says labels, and is more than that; empty for any other."""
    begin = next((each for each in _BEFORE if name.casefold().startswith(each)), "")
    return name[: len(begin)] if len(name) > len(begin) else ""


def _stems(files: Sequence[Path]) -> set[str]:
    return {stem(file.name) for file in files}


def _same(files: Sequence[Path], spelled: Callable[[str], str]) -> list[tuple[Path, Path]]:
    """Return the pairs of files that are spelled alike."""
    seen: dict[str, Path] = {}
    pairs = [(seen.setdefault(spelled(file.name), file), file) for file in files]
    return [(first, second) for first, second in pairs if first is not second]
