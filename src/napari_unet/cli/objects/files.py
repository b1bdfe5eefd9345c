"""Which files a command takes that begins with label images."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_unet.core.errors import UserError
from napari_unet.io.pairs.match import files_in, is_single
from napari_unet.io.pairs.names import left_alone, named_after, spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


@dataclass(frozen=True)
class Labels:
    """Label images of objects that a command was given.

    Parameters
    ----------
    files
        Each once, in order.
    notes
        A sentence for each that is left out.
    single
        Whether each was given itself, and none in a folder.
    """

    files: list[Path]
    notes: list[str]
    single: bool

    def within(self, partners: Mapping[Path, Path]) -> Labels:
        """Return those that have a partner; all of them where nothing was to be beside them."""
        return replace(self, files=[*partners] or self.files)


def labels_in(paths: Sequence[str]) -> Labels:
    """List label images of objects: files, and those of folders.

    Parameters
    ----------
    paths
        Files, OME-Zarr folders, and other folders; of results of this program the instances are
        taken.

    Raises
    ------
    UserError
        If a path does not exist, or there are no labels.
    """
    parts = [files_in(path) for path in paths]
    files = list(dict.fromkeys(file for found, _ in parts for file in found))
    if not files:
        raise UserError("There are no label images: give files, or a folder of them.")
    notes = [note for _, told in parts for note in told]
    return Labels(files, notes, all(is_single(Path(path)) for path in paths))


def refuse_alike(files: Iterable[Path], named: Callable[[str], str]) -> None:
    """Refuse label images whose results would have one name.

    Parameters
    ----------
    files
        The label images.
    named
        What the results of a file of some name are called.

    Raises
    ------
    UserError
        If there are two.
    """
    seen: dict[str, Path] = {}
    for file in files:
        first = seen.setdefault(named(file.name), file)
        if first is not file:
            raise UserError(
                f"{first} and {file} would write files of the same name: give them in two goes "
                "with a folder each."
            )


def told_apart(files: Sequence[Path]) -> dict[Path, str]:
    """Return what files are called: their names, led by folders where several share one."""
    names = {file: file.name for file in files}
    for depth in range(2, max((len(file.absolute().parts) for file in files), default=0)):
        often = Counter(names.values())
        for file, name in names.items():
            if often[name] > 1:
                names[file] = "/".join(file.absolute().parts[-depth:])
    return names


def partners(
    labels: Labels, given: Path | None, what: str, *, semantic: bool = False
) -> tuple[dict[Path, Path], list[str]]:
    """Return the file that belongs to each label image, and a sentence for each that is left out.

    Two single files belong together whatever their names. Of a file that annotates several images,
    those that are not there are left out.

    Parameters
    ----------
    labels
        The label images.
    given
        A file, or a folder of files of the same names; None for none.
    what
        What is looked for, in words: ``"image"``, or a kind of labels.
    semantic
        Whether of this program's own results the classes are meant.

    Raises
    ------
    UserError
        If there is none for one of them, or for none of those that a file annotates.
    """
    if given is None:
        return {}, []
    files = labels.files
    found, notes = files_in(given, semantic=semantic, labels=what != "image")
    if labels.single and is_single(given) and len(found) == len(files) == 1:
        return {files[0]: found[0]}, notes
    found, called = named_after(found, files), named_after(files, found)
    spelled = spelling(found, called)
    named = {spelled(file.name): file for file in found}
    there = {
        file: named[spelled(name.name)]
        for file, name in zip(files, called, strict=True)
        if spelled(name.name) in named
    }
    missing = [file for file in files if file not in there]
    annotated = what == "image" and all(file.parent.is_file() for file in missing)
    if missing and not (there and annotated):
        raise UserError(
            f"There is no {what} for {missing[0].name} in {given}: give a folder with one of the "
            "same name for each, or leave it away."
        )
    return there, [*notes, *left_alone(missing, found, given)]
