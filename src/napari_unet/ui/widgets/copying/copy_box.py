"""Two buttons that put work into the clipboard, as a command and as Python."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtWidgets import QApplication, QVBoxLayout, QWidget

from napari_unet.core.provenance.work import Work
from napari_unet.ui.widgets.layout import beside, button
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.error_line import ErrorLine


class CopyBox(QWidget):
    """The buttons, and below them what has become of a click.

    Parameters
    ----------
    work
        Returns what is copied; a `UserError` is shown.

    Attributes
    ----------
    command, python
        The buttons.
    told, error
        What was copied, or why nothing was.
    """

    def __init__(self, work: Callable[[], Work]) -> None:
        super().__init__()
        self._work = work
        tip = "Put {} into the clipboard that gives the same labels, to paste into {}."
        self.command = button("Copy as command", tip.format("a command", "a terminal"))
        self.python = button("Copy as Python", tip.format("Python", "a script or notebook"))
        self.told, self.error = Words(), ErrorLine()
        self.told.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (beside(self.command, self.python), self.told, self.error):
            layout.addWidget(part)
        self.command.clicked.connect(lambda: self.error.run(self._copy_command))
        self.python.clicked.connect(lambda: self.error.run(self._copy_python))

    def _copy_command(self) -> None:
        self._copy(Work.command, "The command was copied: paste it into a terminal.")

    def _copy_python(self) -> None:
        self._copy(Work.python, "The Python was copied: paste it into a script or notebook.")

    def _copy(self, write: Callable[[Work], str], told: str) -> None:
        self.told.hide()
        QApplication.clipboard().setText(write(self._work()))
        self.told.setText(told)
        self.told.show()
