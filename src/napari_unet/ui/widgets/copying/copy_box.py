"""Two buttons that put work into the clipboard, as a command and as Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from qtpy.QtWidgets import QApplication, QVBoxLayout, QWidget

from napari_unet.ui.widgets.layout import beside, button
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.error_line import ErrorLine


class Written(Protocol):
    """Work that can be written down."""

    def command(self) -> str:
        """Return a command of the shell."""

    def python(self) -> str:
        """Return Python."""


class CopyBox(QWidget):
    """The buttons, and below them what has become of a click.

    Parameters
    ----------
    work
        Returns what is copied; a `UserError` is shown.
    gives
        What comes of it, such as ``"the same labels"``.

    Attributes
    ----------
    command, python
        The buttons.
    told, error
        What was copied, or why nothing was.
    """

    def __init__(self, work: Callable[[], Written], gives: str = "the same labels") -> None:
        super().__init__()
        self._work = work
        tip = f"Put {{}} into the clipboard that gives {gives}, to paste into {{}}."
        self.command = button("Copy as command", tip.format("a command", "a terminal"))
        self.python = button("Copy as Python", tip.format("Python", "a script or notebook"))
        self.told, self.error = Words(), ErrorLine()
        self.told.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (beside(self.command, self.python), self.told, self.error):
            layout.addWidget(part)
        self.command.clicked.connect(self.told.hide)
        self.python.clicked.connect(self.told.hide)
        self.command.clicked.connect(lambda: self.error.run(self._copy_command))
        self.python.clicked.connect(lambda: self.error.run(self._copy_python))

    def _copy_command(self) -> None:
        self._copy(self._work().command(), "The command was copied: paste it into a terminal.")

    def _copy_python(self) -> None:
        told = "The Python was copied: paste it into a script or notebook."
        self._copy(self._work().python(), told)

    def _copy(self, text: str, told: str) -> None:
        QApplication.clipboard().setText(text)
        self.told.setText(told)
        self.told.show()
