"""The dialog that packs what one has made for others."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from napari.utils.notifications import show_info
from qtpy.QtWidgets import QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Steps
from napari_unet.storage.crate.content import ANNOTATIONS, LAYOUT, SETTINGS
from napari_unet.storage.names import asked_file, file_name
from napari_unet.ui.batch.from_file import RESULTS
from napari_unet.ui.help.page import page_row
from napari_unet.ui.share.licence_box import LicenceBox
from napari_unet.ui.share.things import Things
from napari_unet.ui.widgets.layout import beside, rows
from napari_unet.ui.work.work_dialog import WorkDialog

_HELP = ("sharing", "share.md", "From the window", "Give to others what you have made.")
_WIDTH = 520
_ZIP = ".zip"


class ShareDialog(WorkDialog):
    """Shows what can be shared, and writes what is marked as one ZIP file.

    Attributes
    ----------
    things
        What can be shared.
    name, author, licence
        What is told of it.
    annotations, settings
        The buttons that add to the list.
    """

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent, "Share…", "MB")
        self.things = Things()
        self.annotations = QPushButton("Add annotations…")
        self.settings = QPushButton("Add settings…")
        self.name, self.author = QLineEdit(), QLineEdit()
        self.name.setPlaceholderText("What it is about; may be left empty")
        self.author.setPlaceholderText("Names, with commas between; may be left empty")
        self.licence = LicenceBox()
        self._lay_out()
        self.annotations.clicked.connect(self._add_annotations)
        self.settings.clicked.connect(self._add_settings)
        self.button.clicked.connect(lambda: self.error.run(self._share))

    def _lay_out(self) -> None:
        self.setWindowTitle("Share")
        self.setMinimumWidth(_WIDTH)
        layout = QVBoxLayout(self)
        layout.addWidget(page_row(*_HELP))
        layout.addWidget(self.things, 1)
        layout.addWidget(beside(self.annotations, self.settings))
        told = ("Title", self.name), ("Made by", self.author), ("Licence", self.licence)
        layout.addLayout(rows(*told))
        for part in (self.button, self.error, self.progress):
            layout.addWidget(part)

    def _add_annotations(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder in which annotations were saved")
        if folder:
            self.things.add(ANNOTATIONS, Path(folder), Path(folder).name, "", ticked=True)

    def _add_settings(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Settings of a result", "", RESULTS)
        if chosen:
            self.things.add(SETTINGS, Path(chosen), Path(chosen).name, "", ticked=True)

    def _share(self) -> None:
        chosen: dict[str, Any] = {kind: self.things.chosen(kind) for kind in LAYOUT}
        if not any(chosen.values()):
            raise UserError("Nothing is marked: mark what you want to share in the list.")
        title = self.name.text()
        authors = tuple(self.author.text().split(","))
        chosen |= {"title": title, "authors": authors, "licence": self.licence.currentText()}
        usual = str(Path.home() / f"{file_name(title, 'shared')}{_ZIP}")
        named, _ = QFileDialog.getSaveFileName(self, "Share as", usual, f"ZIP file (*{_ZIP})")
        if named:
            out = asked_file(named, _ZIP)
            self.work(partial(_steps, out, chosen), "Packing", partial(self._written, out))

    def _written(self, out: Path, crate: Any) -> None:
        if crate is not None:
            show_info(f"{out} is written: send it to whom you like. It is opened with Open shared.")
            self.accept()


def _steps(out: Path, chosen: dict[str, Any]) -> Steps[Any]:
    """Write a package; called in the worker thread."""
    from napari_unet.scale.share.pack import share_steps  # noqa: PLC0415 - loads all readers
    from napari_unet.scale.share.parcel import Parcel  # noqa: PLC0415

    return (yield from share_steps(out, Parcel(**chosen), overwrite=True))
