"""Objects exported in several formats at once."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import check_labels
from napari_unet.core.instances.overlaps import class_of_each, overlap_table
from napari_unet.core.progress import Progress
from napari_unet.core.words import counted
from napari_unet.io.exchange.formats import FORMATS
from napari_unet.storage.atomic import check_folder, check_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from napari_unet.core.progress import Steps
    from napari_unet.io.exchange.content import Content
    from napari_unet.io.exchange.formats import Format


@dataclass(frozen=True)
class Export:
    """Files to be written of some content.

    Parameters
    ----------
    content
        The objects, or classes alone.
    formats
        Words of `FORMATS`.
    folder
        Made if it is not there.
    """

    content: Content
    formats: Sequence[str]
    folder: Path

    def files(self) -> dict[Path, tuple[Format, Content]]:
        """Return what is written, by its file.

        Raises
        ------
        UserError
            If there is no such format, or none, or one cannot take this; see `Format.check`.
        """
        unknown = [word for word in self.formats if word not in FORMATS]
        if unknown:
            raise UserError(f"There is no format {unknown[0]!r}; use {', '.join(FORMATS)}.")
        if not self.formats:
            raise UserError("There is nothing to export: choose a format.")
        files = {}
        for word in self.formats:
            form = FORMATS[word]
            form.check(self.content)
            for each in (self.content, self._classes() if form.classes else None):
                if each is not None:
                    files[form.path(self.folder, each)] = (form, each)
        return files

    def _classes(self) -> Content | None:
        semantic = self.content.semantic
        if semantic is None:
            return None
        return replace(self.content, labels=semantic, semantic=None, role="semantic")


def export_steps(export: Export, overwrite: bool = False) -> Steps[list[Path]]:
    """Write objects in several formats.

    Parameters
    ----------
    export
        What is written, and where.
    overwrite
        Whether files that are there may be replaced.

    Yields
    ------
    Progress with the files done, often within one that takes long.

    Returns
    -------
    The files, in the order of the formats.

    Raises
    ------
    UserError
        If a file is there already, nothing may be written to the folder, or the labels cannot be
        objects; then none is written.
    """
    files = export.files()
    check_folder(export.folder)
    refuse_replacing(files, overwrite)
    content = _checked(export.content)
    if content.semantic is not None:
        yield Progress("finding classes")
        content = replace(content, classes=class_of_each(content.labels, content.semantic))
    _check_names(content)
    files = replace(export, content=content).files()
    for done, (path, (form, part)) in enumerate(files.items()):
        with closing(form.steps(path, part)) as steps:
            for _ in steps:
                yield Progress("exporting", done, len(files))
    return list(files)


def _checked(content: Content) -> Content:
    check_labels(content.labels, "The label image")
    _check_nuclei(content)
    semantic = content.semantic
    if semantic is not None:
        semantic = semantic.astype(np.uint8) if semantic.dtype == bool else semantic
        check_labels(semantic, "The image of classes")
    return replace(content, semantic=semantic)


def _check_names(content: Content) -> None:
    """Refuse more classes than there are names, where names are given."""
    highest, names = max(content.classes.values(), default=0), content.class_names
    if any(names) and highest > len(names):
        raise UserError(
            f"Objects have classes up to {highest}, but there {'is' if len(names) == 1 else 'are'} "
            f"only {counted(len(names), 'name')}: name each class, or choose the image of the "
            "classes if this one holds objects.",
            about="classes",
        )


def _check_nuclei(content: Content) -> None:
    """Refuse nuclei that have numbers of their own, all or some."""
    if content.nuclei is None:
        return
    table = overlap_table(content.nuclei, content.labels)
    numbers, cells = set(table.first.tolist()) - {0}, set(table.second.tolist())
    inside = set(table.first[table.first == table.second].tolist())
    # pairing gives nuclei without a cell numbers that no cell has
    elsewhere = (numbers & cells) - inside
    if elsewhere or (numbers and not inside):
        count = len(numbers - inside)
        raise UserError(
            f"{count} of {len(numbers)} nuclei do not have the number of the cell that they lie "
            "in: measure the cells with their nuclei first, which gives both the same numbers."
        )


def refuse_replacing(files: Iterable[Path], overwrite: bool) -> None:
    """Keep files that are there, and refuse names that are too long to be written.

    Raises
    ------
    UserError
        If one is there and may not be replaced, or has such a name.
    """
    files = list(files)
    for file in files:
        check_name(file)
    there = [path.name for path in files if path.exists()]
    if there and not overwrite:
        raise UserError(
            f"{' and '.join(there)} {'is' if len(there) == 1 else 'are'} in that folder already: "
            "choose another folder or name, or allow that files are replaced.",
            about="replace",
        )
