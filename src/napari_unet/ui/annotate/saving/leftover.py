"""A line that offers what was painted before a crash."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

from napari.layers import Image
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_unet.io.drafts import Draft, DraftFile, find_draft, read_draft
from napari_unet.storage.folders import autosave_folder
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.threads import LatestOnly


class Leftover(QWidget):
    """Looks for an autosaved annotation of an image; hidden while there is none.

    Attributes
    ----------
    restored
        Brings the annotation and its file, when the user wants it back.
    searches, reads
        What runs beside the window.
    """

    restored = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._path: Path | None = None
        self.text = Words()
        self.restore, self.discard = QPushButton("Restore"), QPushButton("Discard")
        self.restore.setToolTip("Bring back what was painted.")
        self.discard.setToolTip("Delete the copy for good.")
        buttons = QHBoxLayout()
        buttons.addWidget(self.restore)
        buttons.addWidget(self.discard)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)
        layout.addLayout(buttons)
        self.searches, self.reads = LatestOnly(self), LatestOnly(self)
        self.searches.returned.connect(self._offer)
        self.reads.returned.connect(self._bring)
        self.restore.clicked.connect(self._restore)
        self.discard.clicked.connect(self._discard)
        self.hide()

    def look(self, image: Image | None, live: set[Path]) -> None:
        """Look for a copy of an image's annotation, in a worker.

        Parameters
        ----------
        image
            The image; None for none.
        live
            Copies of annotations that are open.
        """
        self.hide()
        self.searches.quit()
        self.reads.quit()
        if image is not None:
            shape = full_resolution(image).shape
            self.searches.submit(partial(find_draft, autosave_folder(), image.name, shape, live))

    def _offer(self, path: Path | None) -> None:
        self._path = path
        if path is not None:
            when = datetime.fromtimestamp(path.stat().st_mtime)
            self.text.setText(f"An unsaved annotation of this image was found ({when:%x %H:%M}).")
            self.show()

    def _restore(self) -> None:
        if self._path is not None:
            self.reads.submit(partial(_read, self._path))

    def _bring(self, found: tuple[Draft, Path]) -> None:
        self.hide()
        self.restored.emit(*found)

    def _discard(self) -> None:
        if self._path is not None:
            DraftFile(self._path).drop()
        self.hide()


def _read(path: Path) -> tuple[Draft, Path]:
    return read_draft(path), path
