"""A button that writes an annotation with its image into a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels
from napari.utils.notifications import show_info
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog, QPushButton

from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.ui.annotate.annotation_copies import chunked_annotated_image
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.annotate.saving.annotated_image import annotated_image
from napari_unet.ui.annotate.saving.autosave import Autosave
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.work.copies import ChunkedCopier
from napari_unet.ui.work.error_line import ErrorLine
from napari_unet.ui.work.threads import LatestOnly

if TYPE_CHECKING:
    from napari_unet.io.annotations.tables import Look


State = tuple[Autosave, int]
"""What keeps an annotation's copy, and how many changes it knew."""
Written = tuple[Path, str, State]
"""Folder and name, and the state that was written."""


class SaveButton(QPushButton):
    """Asks for a folder when clicked, and writes there in a worker.

    It cannot be clicked again before all is written.

    Parameters
    ----------
    viewer
        Whose layers are written.
    line
        Where it is said what went wrong.

    Attributes
    ----------
    writes
        What runs beside the window.
    """

    def __init__(self, viewer: ViewerModel, line: ErrorLine) -> None:
        super().__init__("Save…")
        self.setToolTip("Write the image and its annotation into a folder.")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._viewer, self._line = viewer, line
        self._annotation: tuple[Labels, Autosave] | None = None
        self._saving = False
        self.writes = LatestOnly(self, failed=line.show_error)
        self.writes.returned.connect(self._saved)
        self.writes.ended.connect(self._end)
        self._copier = ChunkedCopier(self)
        self.clicked.connect(lambda: line.run(self._save))

    def work_on(self, annotation: tuple[Labels, Autosave] | None) -> None:
        """Save an annotation from now on: its objects and what keeps its copy; None for none."""
        self._annotation = annotation
        self._allow()

    def _allow(self) -> None:
        self.setEnabled(self._annotation is not None and not self._saving)

    def _save(self) -> None:
        if self._annotation is None:
            return
        layer, autosave = self._annotation
        parts: AnnotationLayers = layer.metadata[ANNOTATION]
        image = annotated_image(parts, self._viewer.layers)
        folder = QFileDialog.getExistingDirectory(self, "Save the annotation in")
        if folder:
            self._saving = True
            self._allow()
            looks = list(zip(parts.class_names, parts.class_colours, strict=True))
            write = partial(_write_files, Path(folder), looks, (autosave, autosave.changes))
            copy = partial(chunked_annotated_image, image, layer)
            self._copier.begin(copy, partial(self._write, write), self._refuse)

    def _write(self, write: Callable[[AnnotatedImage], Written], annotated: AnnotatedImage) -> None:
        self.writes.submit(partial(write, annotated))

    def _refuse(self, error: Exception) -> None:
        self._line.show_error(error)
        self._end()

    def _end(self) -> None:
        self._saving = False
        self._allow()

    def _saved(self, written: Written) -> None:
        """Delete the autosaved copy, unless something was painted meanwhile."""
        folder, name, (autosave, changes) = written
        if autosave.changes == changes:
            autosave.drop()
        show_info(f"Wrote the image and its annotation to {folder} as “{name}”.")


def _write_files(
    folder: Path, looks: list[Look], state: State, annotated: AnnotatedImage
) -> Written:
    from napari_unet.io.annotations.write import write_annotation  # noqa: PLC0415 - loads all readers

    loaded = replace(annotated, image=np.asarray(annotated.image))
    return folder, write_annotation(folder, loaded, looks, keep=["weights"]), state
