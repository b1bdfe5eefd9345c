"""A model made into a package for other programs, once what nobody else knows is said."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from napari.utils.notifications import show_info
from qtpy.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget

from napari_unet.core.progress import Steps
from napari_unet.storage.model_card import ModelCard, completed, known_card
from napari_unet.storage.model_header import read_header
from napari_unet.storage.names import asked_file, file_name
from napari_unet.storage.package import SUFFIX
from napari_unet.ui.help.page import page_row
from napari_unet.ui.share.licence_box import LicenceBox
from napari_unet.ui.widgets.layout import rows
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.work_dialog import WorkDialog

_HELP = ("models", "exchange.md", "From the window", "Run a model in other programs.")
_WIDTH = 460


class ExportDialog(WorkDialog):
    """Asks what others must be told of a model and its file does not say, and writes a package.

    Parameters
    ----------
    parent
        Over what it is shown.
    path
        The model's file.
    connections
        Of the widget that it belongs to, with which its work ends.
    """

    def __init__(self, parent: QWidget, path: Path, connections: Connections) -> None:
        super().__init__(parent, "Export…", "steps", connections)
        self._path, self._header = path, read_header(path)
        self.author, self.description = QLineEdit(), QLineEdit()
        self.author.setPlaceholderText("Names, with commas between")
        self.description.setPlaceholderText("Such as: nuclei in cleared tissue")
        self.licence = LicenceBox()
        self._lay_out()
        self.button.clicked.connect(lambda: self.error.run(self._export))

    def _lay_out(self) -> None:
        self.setWindowTitle(f"Export model: {self._header['name']}")
        self.setMinimumWidth(_WIDTH)
        known = known_card(self._header)
        asked = [
            ("Finds", self.description, known.description),
            ("Made by", self.author, ", ".join(known.authors)),
            ("Licence", self.licence, known.licence),
        ]
        layout = QVBoxLayout(self)
        layout.addWidget(page_row(*_HELP))
        if told := [f"{title}: {said}" for title, _, said in asked if said]:
            layout.addWidget(Words("\n".join(told)))
        layout.addLayout(rows(*((title, part) for title, part, said in asked if not said)))
        for part in (self.button, self.error, self.progress):
            layout.addWidget(part)

    def card(self) -> ModelCard:
        """Return what was said."""
        return ModelCard(
            tuple(self.author.text().split(",")),
            self.licence.currentText(),
            self.description.text(),
        )

    def _export(self) -> None:
        completed(self.card(), self._header)
        name = f"{file_name(self._header['name'], 'model')}{SUFFIX}"
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Export model", str(Path.home() / name), f"Packages of bioimage.io (*{SUFFIX})"
        )
        if chosen:
            path = asked_file(chosen, SUFFIX)
            steps = partial(_steps, self._path, path, self.card())
            self.work(steps, "Exporting model", partial(self._written, path))

    def _written(self, path: Path, result: Path | None) -> None:
        if result is not None:
            show_info(f"{path} is written.")
            self.accept()


def _steps(model: Path, path: Path, card: ModelCard) -> Steps[Path]:
    """Write a package; called in the worker thread."""
    from napari_unet.io.bundled import bundled_example  # noqa: PLC0415 - loads tifffile
    from napari_unet.nn.exchange.export import export_steps  # noqa: PLC0415 - loads torch
    from napari_unet.nn.model import load_model  # noqa: PLC0415

    example = bundled_example(read_header(model))
    return (yield from export_steps(load_model(model), path, card, example, overwrite=True))
