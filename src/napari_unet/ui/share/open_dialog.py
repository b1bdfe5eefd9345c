"""The dialog that shows what is in a package of somebody else, and opens it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import napari
from qtpy.QtWidgets import QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Steps
from napari_unet.core.words import megabytes
from napari_unet.storage.crate.content import ANNOTATIONS, MODELS, RUNS, SETTINGS, Crate
from napari_unet.storage.crate.read import usual_folder
from napari_unet.ui.help.page import page_row
from napari_unet.ui.widgets.layout import beside, button, rows
from napari_unet.ui.widgets.models.actions import models_changed
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.settings import PLUGIN
from napari_unet.ui.work.work_dialog import WorkDialog

_HELP = ("sharing", "share.md", "Open what was shared", "Take over what somebody has shared.")
_TITLES = {
    MODELS: "Models",
    RUNS: "Trainings",
    ANNOTATIONS: "Annotations",
    SETTINGS: "Settings",
}
_NEXT = {
    MODELS: "Segment, Batch and Fine-tune list the models.",
    RUNS: "Fine-tune offers the trainings, to be continued or looked at.",
    ANNOTATIONS: "To go on with annotations, show their images, and open the folder of annotations "
    "with Open… in Annotate.",
    SETTINGS: "From a file… in Batch takes the settings over.",
}
_WIDTH = 520


class OpenDialog(WorkDialog):
    """Says in plain words what is in a package; where it has gone once it is opened.

    Parameters
    ----------
    parent
        Over what it is shown.
    package
        A ZIP file or a folder.
    crate
        What it says of itself.

    Attributes
    ----------
    folder
        Where annotations and settings go.
    said
        What is in it, and then where it is.
    show_images
        The button that shows the annotated images, once they are there.
    """

    def __init__(self, parent: QWidget | None, package: Path, crate: Crate) -> None:
        super().__init__(parent, "Open", "MB")
        self._package, self._crate = package, crate
        self.folder, self.browse = QLineEdit(str(usual_folder(package))), QPushButton("Browse…")
        self.said, self._asked = Words(_contents(crate)), QWidget()
        self.show_images = button("Show the images", "Open the annotated images in the viewer.")
        self._done, self._images = False, list[Path]()
        self._lay_out()
        self.browse.clicked.connect(self._browse)
        self.show_images.clicked.connect(lambda: self.error.run(self._show_images))
        self.button.clicked.connect(lambda: self.error.run(self._open))

    def _lay_out(self) -> None:
        self.setWindowTitle(f"Open shared: {self._package.name}")
        self.setMinimumWidth(_WIDTH)
        layout = QVBoxLayout(self)
        layout.addWidget(page_row(*_HELP))
        layout.addWidget(self.said)
        layout.addStretch(1)
        self._asked.setLayout(rows(("Put into", beside(self.folder, self.browse))))
        self._asked.layout().setContentsMargins(0, 0, 0, 0)
        self._asked.setToolTip("The folder for annotations and settings.")
        for part in (self._asked, self.show_images, self.button, self.error, self.progress):
            layout.addWidget(part)
        self.show_images.hide()
        kinds = {part.kind for part in self._crate.parts}
        self._asked.setVisible(bool(kinds & {ANNOTATIONS, SETTINGS}))

    def _browse(self) -> None:
        title = "Put annotations and settings into"
        folder = QFileDialog.getExistingDirectory(self, title, str(self._package.parent))
        if folder:
            self.folder.setText(folder)

    def _open(self) -> None:
        if self._done:
            self.accept()
            return
        named = self.folder.text().strip()
        if not named:
            raise UserError("There is no folder for annotations and settings: choose one.")
        steps = partial(_steps, self._package, Path(named).expanduser())
        self.work(steps, "Opening", self._opened)

    def _opened(self, laid: Any) -> None:
        if laid is None:
            return
        models_changed.emit()
        kinds = {each.part.kind for each in laid}
        told = [each.in_words() for each in laid]
        self.said.setText("\n\n".join([*told, *(_NEXT[kind] for kind in _NEXT if kind in kinds)]))
        folders = [each.path for each in laid if each.part.kind == ANNOTATIONS]
        self._images = [path for each in folders for path in sorted(each.glob("images/*.tif"))]
        self.show_images.setVisible(bool(self._images and napari.current_viewer()))
        self._asked.hide()
        self.button.setText("Close")
        self._done = True
        self.resize(self.width(), self.layout().totalHeightForWidth(self.width()))

    def _show_images(self) -> None:
        napari.current_viewer().open(list(map(str, self._images)), plugin=PLUGIN)
        self.accept()


def _contents(crate: Crate) -> str:
    """Return what is in a package, in plain words."""
    card = crate.card
    by = f" by {', '.join(card.authors)}" if card.authors else ""
    licence = f" Licence: {card.licence}." if card.licence else ""
    packed = f"Packed on {crate.date[:10]}{by}, {megabytes(crate.size)}."
    lines = [f"{card.title}\n\n{packed}{licence}\n"]
    for kind, title in _TITLES.items():
        parts = [part for part in crate.parts if part.kind == kind]
        names = [f"{part.called} ({megabytes(part.size)})" for part in parts]
        lines += [f"{title}: {', '.join(names)}"] if names else []
    return "\n".join(lines)


def _steps(package: Path, to: Path) -> Steps[Any]:
    """Open a package; called in the worker thread."""
    from napari_unet.scale.share.unpack import open_steps  # noqa: PLC0415 - loads all readers

    return (yield from open_steps(package, to))
