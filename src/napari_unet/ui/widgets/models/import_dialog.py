"""The question before the network of another program is run, and what only the user can know."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from napari.utils.notifications import show_info
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QLineEdit, QMessageBox, QVBoxLayout, QWidget

from napari_unet.core.progress import Steps
from napari_unet.core.words import counted
from napari_unet.storage.model_header import read_header
from napari_unet.storage.names import file_name
from napari_unet.storage.programs import question, trust_model
from napari_unet.ui.help.page import page_row
from napari_unet.ui.widgets.layout import beside, button, rows
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.work_dialog import WorkDialog

if TYPE_CHECKING:
    from napari_unet.nn.foreign.describe import Described

_HELP = ("models", "exchange.md", "Models of other programs", "Use the model of another program.")
_WIDTH = 460


class ImportDialog(WorkDialog):
    """Asks whether the network of another program may be run, and keeps it as a model.

    Parameters
    ----------
    parent
        Over what it is shown.
    described
        The package.
    connections
        Of the widget that it belongs to, with which its work ends.
    kept
        Gets the model's file.
    """

    def __init__(
        self,
        parent: QWidget | None,
        described: Described,
        connections: Connections,
        kept: Callable[[Path], None],
    ) -> None:
        super().__init__(parent, "Run and import", "steps", connections)
        self.setWindowTitle(f"Import model: {described.name}")
        self.setMinimumWidth(_WIDTH)
        self._described, self._kept = described, kept
        self.name = QLineEdit(file_name(described.name, "model"))
        self.outputs = QComboBox(editable=True)
        self.outputs.addItems(["", *map(", ".join, described.usual_channels)])
        self.outputs.lineEdit().setPlaceholderText("What comes out, with commas between")
        self.cancel = button("Cancel", high=True)
        self._lay_out()
        self.button.clicked.connect(lambda: self.error.run(self._import))
        self.cancel.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        about, asked = self._described.about, [("Name", self.name)]
        layout = QVBoxLayout(self)
        layout.addWidget(page_row(*_HELP))
        facts = [
            f"Finds: {about['description']}",
            f"Made by: {', '.join(about['authors']) or 'not stated'}",
            f"Licence: {about['licence']}",
        ]
        for text in ("\n".join(facts), _as_sentence(question(about))):
            layout.addWidget(Words(text))
        if not self._described.channels:
            count = counted(self._described.test_output.shape[1], "channel")
            told = f"It gives {count}, and does not say what they are: its page may say it."
            layout.addWidget(Words(told))
            asked.append(("It gives", self.outputs))
        layout.addLayout(rows(*asked))
        for part in (beside(self.cancel, self.button), self.error, self.progress):
            layout.addWidget(part)

    def _import(self) -> None:
        names = [name.strip() for name in self.outputs.currentText().split(",") if name.strip()]
        described = self._described.giving(names) if names else self._described
        described.check()
        steps = partial(_steps, described, self.name.text().strip())
        self.work(steps, "Importing model", self._done)

    def _done(self, path: Path | None) -> None:
        if path is not None:
            show_info(f"{path.stem} is among your models now.")
            self._kept(path)
            self.accept()


def agreed(parent: QWidget, path: Path) -> bool:
    """Ask whether the program in a model file may be run from now on, and tell what was said.

    Parameters
    ----------
    parent
        Over what it is asked.
    path
        The model file.

    Raises
    ------
    UserError
        If the program is not the one that the file says.
    """
    text = _as_sentence(question(read_header(path)["about"]))
    buttons = QMessageBox.StandardButton
    icon, answers = QMessageBox.Icon.Question, buttons.Yes | buttons.No
    box = QMessageBox(icon, path.name, f"{text} Run it?", answers, parent)
    box.setTextFormat(Qt.TextFormat.PlainText)  # others wrote it
    said = box.exec()
    if said == buttons.Yes:
        trust_model(path)
    return bool(said == buttons.Yes)


def _as_sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _steps(described: Described, name: str) -> Steps[Path]:
    """Try the network and keep it; called in the worker thread."""
    from napari_unet.nn.foreign.take_in import take_in_steps  # noqa: PLC0415 - loads torch

    return (yield from take_in_steps(described, name))
