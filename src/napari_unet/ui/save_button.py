"""A button that writes an annotation with its image into a folder."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image
from napari.utils.notifications import show_info
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog, QPushButton

from napari_unet.core.annotation import AnnotatedImage
from napari_unet.core.errors import UserError
from napari_unet.io.annotations import Look, write_annotation
from napari_unet.ui.annotation_layers import annotated_bites
from napari_unet.ui.annotation_session import AnnotationSession, report_user_errors
from napari_unet.ui.copying import Turns
from napari_unet.ui.worker import Latest, report


class SaveButton(QPushButton):
    """Asks for a folder when clicked, and writes there in a worker.

    Attributes
    ----------
    session
        The work on the annotation that is saved.
    writes
        What runs beside the window.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__("Save…")
        self.setToolTip("Write the image and its annotation into a folder.")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._viewer = viewer
        self.session: AnnotationSession | None = None
        self.writes = Latest(self)
        self.writes.returned.connect(self._saved)
        self._turns = Turns(self)
        self.clicked.connect(partial(report_user_errors, self._save))

    def _save(self) -> None:
        if self.session is None:
            return
        image = self._image(self.session.link["image"])
        folder = QFileDialog.getExistingDirectory(self, "Save the annotation in")
        if folder:
            self._saving = (self.session.autosave, self.session.autosave.changes)
            link = self.session.link
            looks = list(zip(link["class_names"], link["class_colours"], strict=True))
            copy = partial(annotated_bites, image, self.session.layer)
            self._turns.begin(copy, partial(self._write, Path(folder), looks), report)

    def _write(self, folder: Path, looks: list[Look], annotated: AnnotatedImage) -> None:
        self.writes.submit(partial(_written, folder, looks, annotated))

    def _image(self, name: str) -> Image:
        for layer in self._viewer.layers:
            if isinstance(layer, Image) and layer.name == name:
                return layer
        raise UserError(f"The image “{name}” is not open any more: open it again under this name.")

    def _saved(self, written: tuple[Path, str]) -> None:
        """Delete the autosaved copy, unless something was painted meanwhile."""
        autosave, changes = self._saving
        if autosave.changes == changes:
            autosave.drop()
        show_info("Wrote the image and its annotation to {} as “{}”.".format(*written))


def _written(folder: Path, looks: list[Look], annotated: AnnotatedImage) -> tuple[Path, str]:
    loaded = replace(annotated, image=np.asarray(annotated.image))
    return folder, write_annotation(folder, loaded, looks)
