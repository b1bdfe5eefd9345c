"""A line that offers what was painted before a crash."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

from napari.layers import Image, Layer
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_unet.core.errors import UserError
from napari_unet.io.annotations.drafts import (
    Draft,
    DraftFile,
    find_draft,
    is_open,
    read_draft,
    written_at,
)
from napari_unet.storage.folders import autosave_folder
from napari_unet.ui.layers.arrays import Fingerprint, fingerprint, full_resolution
from napari_unet.ui.layers.channel_group import channel_layers, whole_image
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.copies import is_in_memory
from napari_unet.ui.work.error_line import ErrorLine
from napari_unet.ui.work.threads import LatestOnly


class Leftover(QWidget):
    """Looks for an autosaved annotation of an image; hidden while there is none.

    Parameters
    ----------
    line
        Where it is said what went wrong.

    Attributes
    ----------
    restored
        Brings the annotation and its file, when the user wants it back.
    searches, reads
        What runs beside the window.
    """

    restored = Signal(object, object)

    def __init__(self, line: ErrorLine) -> None:
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
        self.searches = LatestOnly(self, failed=line.show_error)
        self.reads = LatestOnly(self, failed=line.show_error)
        self.searches.returned.connect(self._offer)
        self.reads.returned.connect(self._bring)
        self.restore.clicked.connect(lambda: line.run(self._restore))
        self.discard.clicked.connect(lambda: line.run(self._discard))
        self.hide()

    def look(self, image: Image | None) -> None:
        """Look for a copy of an image's annotation on which nobody works, in a worker.

        Parameters
        ----------
        image
            The image; None for none.
        """
        self.hide()
        self.searches.quit()
        self.reads.quit()
        if image is not None:
            alike = [image, *channel_layers(image), whole_image(image)]
            known = {_known(each) for each in alike if each is not None}
            self.searches.submit(partial(_newest, autosave_folder(), known))

    def _offer(self, path: Path | None) -> None:
        self._path = path
        written = 0.0 if path is None else written_at(path)
        if written:
            when = datetime.fromtimestamp(written)
            self.text.setText(f"An unsaved annotation of this image was found ({when:%x %H:%M}).")
            self.show()

    def _restore(self) -> None:
        path = self._left()
        self.reads.submit(partial(_read, path))

    def _bring(self, found: tuple[Draft, Path]) -> None:
        self.hide()
        self.restored.emit(*found)

    def _discard(self) -> None:
        path = self._left()
        self.hide()
        DraftFile(path).drop()

    def _left(self) -> Path:
        """Return the copy that is offered, unless another window was faster."""
        path = self._path
        if path is None or not path.exists() or is_open(path):
            self.hide()
            raise UserError("This annotation was restored or discarded in another window.")
        return path


def _known(image: Layer) -> tuple[Fingerprint, bool]:
    """Return by what an image is known, and whether also under another name."""
    return fingerprint(image), is_in_memory(full_resolution(image))


def _newest(folder: Path, known: set[tuple[Fingerprint, bool]]) -> Path | None:
    """Return the newest draft of an image that is known by any of some fingerprints."""
    found = [
        find_draft(folder, each.name, each.shape, each.pixels, renamed=renamed)
        for each, renamed in known
    ]
    there = [path for path in found if path is not None]
    return max(there, key=written_at, default=None)


def _read(path: Path) -> tuple[Draft, Path]:
    return read_draft(path), path
